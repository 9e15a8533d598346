import { mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { collectReport } from "../eval/report/collect.js";
import type { Framing } from "../eval/report/difference-figure.js";
import { figureFiles } from "../eval/report/figure-files.js";
import { lmmsEvalSamples } from "../eval/report/lmms-eval.js";
import { type ReportFormat, renderReport } from "../eval/report/render-report.js";
import type { Run } from "../eval/run/run-folder.js";
import { describeFolder } from "../model/describe-folder.js";
import { findFolder } from "../model/find-folder.js";
import { takesSquares } from "../models/spec.js";
import { orAborted } from "../or-aborted.js";
import { StatusLine } from "./status-line.js";
import { writeOutput } from "./write-output.js";

/** What `prumerge report` was asked. */
export interface ReportFlags {
  readonly output: { readonly path: string; readonly format: ReportFormat };
  readonly figures?: string;
  readonly lmmsEval?: string;
  readonly data?: string;
  readonly compare?: readonly [string, string];
  readonly examples: number;
  /** Of intervals that were drawn once. */
  readonly resamples?: number;
  readonly seed?: number;
  readonly quiet?: boolean;
}

/** `prumerge report`: reads runs and writes what they say. */
export async function writeReport(
  folders: readonly string[],
  { output, data, compare, examples, figures, lmmsEval, quiet, ...dropped }: ReportFlags,
  signal: AbortSignal,
): Promise<void> {
  const status = new StatusLine({ quiet: quiet === true });
  try {
    status.show("Reading runs ...");
    const report = await orAborted(
      collectReport({
        folders,
        examples: output.format === "html" ? examples : 0,
        framing: framingOf,
        ...(data !== undefined && { data }),
        ...(compare !== undefined && { compare }),
      }),
      signal,
    );
    const text = await renderReport(report, output.format);
    status.clear();
    await writeOutput(output.path, text, signal);
    if (figures !== undefined) {
      await mkdir(figures, { recursive: true });
      for (const file of await figureFiles(report))
        await writeOutput(join(figures, file.name), file.text, signal);
    }
    if (lmmsEval !== undefined) await writeSamples(folders, lmmsEval, data, signal);
    if (quiet) return;
    for (const name of ["resamples", "seed"] as const) {
      if (dropped[name] !== undefined)
        process.stderr.write(
          `Note: --${name} decides nothing any more: intervals are not drawn, but worked out.\n`,
        );
    }
    for (const note of report.notes) process.stderr.write(`Note: ${note}\n`);
    process.stderr.write(`${output.path}: ${report.tasks.map(({ title }) => title).join(", ")}\n`);
  } finally {
    status.clear();
  }
}

/** Several runs go into a folder each. */
async function writeSamples(
  folders: readonly string[],
  into: string,
  data: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (const folder of folders) {
    const root = folders.length === 1 ? into : join(into, basename(resolve(folder)));
    for (const { path, text } of await lmmsEvalSamples(folder, data)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeOutput(join(root, path), text, signal);
    }
  }
}

/** A model that has moved since its run, or is on the hub alone, tells nothing, and the kept patches are left out. */
async function framingOf({ model, generation }: Run): Promise<Framing | undefined> {
  try {
    const folder = await findFolder(model.name, { onRemote: () => Promise.reject(new Error("not here")) });
    const { preprocessing, spec } = await describeFolder(folder);
    const { vision } = spec;
    if (!takesSquares(vision)) return undefined;
    return { vision, preprocessing, aspect: generation.imageAspect ?? preprocessing.aspect };
  } catch {
    return undefined;
  }
}
