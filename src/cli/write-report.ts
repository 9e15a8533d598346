import { collectReport } from "../eval/report/collect.js";
import type { Framing } from "../eval/report/difference-figure.js";
import { renderReport } from "../eval/report/render-report.js";
import type { Run } from "../eval/run/run-folder.js";
import { findFolder } from "../generate/find-folder.js";
import { describeModel } from "../generate/model-description.js";
import { orAborted } from "../or-aborted.js";
import type { ReportFlags } from "./commands/report.js";
import { StatusLine } from "./status-line.js";
import { writeOutput } from "./write-output.js";

/** `prumerge report`: reads runs and writes what they say. */
export async function writeReport(
  folders: readonly string[],
  { output, data, compare, examples, resamples, seed, quiet }: ReportFlags,
  signal: AbortSignal,
): Promise<void> {
  const status = new StatusLine({ quiet: quiet === true });
  try {
    status.show("Reading runs and drawing resamples ...");
    const report = await orAborted(
      collectReport({
        folders,
        examples: output.format === "html" ? examples : 0,
        bootstrap: { resamples, seed },
        framing: framingOf,
        ...(data !== undefined && { data }),
        ...(compare !== undefined && { compare }),
      }),
      signal,
    );
    const text = await renderReport(report, output.format);
    status.clear();
    await writeOutput(output.path, text, signal);
    if (quiet) return;
    for (const note of report.notes) process.stderr.write(`Note: ${note}\n`);
    process.stderr.write(`${output.path}: ${report.tasks.map(({ title }) => title).join(", ")}\n`);
  } finally {
    status.clear();
  }
}

/** A model that has moved since its run, or is on the hub alone, tells nothing, and the kept patches are left out. */
async function framingOf({ model, generation }: Run): Promise<Framing | undefined> {
  try {
    const folder = await findFolder(model.name, { onRemote: () => Promise.reject(new Error("not here")) });
    const { preprocessing, spec } = await describeModel(folder);
    return { vision: spec.vision, preprocessing, aspect: generation.imageAspect ?? preprocessing.aspect };
  } catch {
    return undefined;
  }
}
