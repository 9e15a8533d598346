import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCommandLine } from "../dist/cli/run.js";
import { collectReport } from "../dist/eval/report/collect.js";
import type { ReportData } from "../src/eval/report/report-data.js";
import { fillMarkers } from "./support/fill-markers.js";
import { type PlannedEval, plan, tunedPlan } from "./support/reproduce-plan.js";
import { measuredTables } from "./support/reproduce-tables.js";

/**
 * The paper's tables on the bundled model's own benchmarks: runs `prumerge eval` for each, writes bench/results/reproduce.json and
 * the measured tables of docs/reproduce.md. A run that was interrupted goes on where it was; --fresh begins anew. With --limit both
 * files stay as they are, unless --write says otherwise: the tables are printed and go to bench/.work/reproduce/.
 */
const usualLimit = "150";
const { values } = parseArgs({
  options: {
    limit: { type: "string" },
    write: { type: "boolean", default: false },
    lora: { type: "string" },
    fresh: { type: "boolean", default: false },
  },
});

const limit = values.limit ?? usualLimit;
const isRecorded = values.limit === undefined || values.write;
process.env.ORT_DISABLE_TELEMETRY = "1";
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8", cwd: at(".") }).trim();
const work = at("bench/.work/reproduce");
const began = performance.now();

if (values.fresh) (await import("node:fs")).rmSync(work, { recursive: true, force: true });
const untuned = await evaluate(`${work}/as-it-is-${limit}`, "pocket-llava", plan);
const tuned = values.lora && (await evaluate(`${work}/lora-${limit}`, values.lora, tunedPlan));
const tables = measuredTables(untuned.report, tuned ? tuned.report : undefined);

const record = {
  bench: "reproduce",
  date: new Date().toISOString().slice(0, 10),
  commit: git("rev-parse", "--short", "HEAD"),
  machine: { processor: cpus()[0]!.model, cores: cpus().length, node: process.version },
  limit: Number(limit),
  minutes: Math.round((performance.now() - began) / 6000) / 10,
  runs: [untuned, ...(tuned ? [tuned] : [])].map(({ commands, report }) => ({
    commands,
    ...summary(report),
  })),
};
const recordText = `${JSON.stringify(record, null, 2)}\n`;
if (isRecorded) {
  const document = at("docs/reproduce.md");
  writeFileSync(document, fillMarkers(readFileSync(document, "utf8"), tables));
  writeFileSync(at("bench/results/reproduce.json"), recordText);
  console.log(`docs/reproduce.md and bench/results/reproduce.json written after ${record.minutes} minutes`);
} else {
  const text = Object.values(tables).join("\n\n");
  writeFileSync(`${work}/${limit}.md`, `${text}\n`);
  writeFileSync(`${work}/${limit}.json`, recordText);
  console.log(
    `${text}\n\nbench/.work/reproduce/${limit}.{md,json} written after ${record.minutes} minutes; docs/reproduce.md is as it was`,
  );
}

/** Runs a plan into one folder, and reports on it. */
async function evaluate(folder: string, model: string, evals: readonly PlannedEval[]) {
  const commands: string[] = [];
  for (const { tasks, methods, visualTokens } of evals) {
    const words = ["eval", ...tasks, "--data", "benchmarks/pocket", "--model", model];
    words.push("--method", methods.join(","), "--visual-tokens", visualTokens, "--limit", limit);
    commands.push(`prumerge ${words.join(" ")} --out RUN`);
    console.log(commands.at(-1));
    process.chdir(at("."));
    const status = await runCommandLine([...words, "--out", folder]);
    if (status !== 0) process.exit(status);
  }
  return { commands, report: (await collectReport({ folders: [folder], examples: 0 })) as ReportData };
}

/** What is worth keeping of a report. */
function summary({ tasks, retention, runs, notes }: ReportData) {
  const { model, versions } = runs[0]!.run;
  return {
    model: { name: model.name, hash: model.hash },
    versions,
    notes,
    tasks: tasks.map(({ name, questions, columns }) => ({
      task: name,
      questions,
      columns: columns.map(
        ({ column, visualTokens, headline, retention: kept, differences, detail, spending }) => ({
          configuration: column.configuration.name,
          visualTokens,
          headline,
          retention: kept,
          differences,
          detail,
          answersPerSecond: spending?.answersPerSecond,
        }),
      ),
    })),
    retention: retention.map(({ column, ...kept }) => ({
      configuration: column.configuration.name,
      ...kept,
    })),
  };
}
