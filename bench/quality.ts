import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCommandLine } from "../dist/cli/run.js";
import { fillMarkers } from "./support/fill-markers.js";
import { evalWords, qualityPlan, qualityTasks } from "./support/quality-plan.js";
import { meanRight, meanShare, readAnswered } from "./support/quality-runs.js";
import { subsets } from "./support/quality-subsets.js";
import { qualityTables, talkTable } from "./support/quality-tables.js";
import { talk } from "./support/quality-talk.js";

/**
 * What every method keeps of the answers, on the bundled model's own benchmarks: runs `prumerge eval` for each line of the
 * plan, writes bench/results/quality.json and the tables of docs/quality.md. A run that was interrupted goes on where it was;
 * --fresh begins anew, --tables-only writes the tables of what is there.
 */
const { values } = parseArgs({
  options: {
    limit: { type: "string" },
    model: { type: "string", default: "pocket-llava" },
    fresh: { type: "boolean", default: false },
    "tables-only": { type: "boolean", default: false },
  },
});

process.env.ORT_DISABLE_TELEMETRY = "1";
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8", cwd: at(".") }).trim();
const folder = at(
  `bench/.work/quality/${basename(values.model).replaceAll(/[^\w.-]/g, "-")}-${values.limit ?? "all"}`,
);
const began = performance.now();
process.chdir(at("."));

if (values.fresh) rmSync(folder, { recursive: true, force: true });
const commands: string[] = [];
for (const line of qualityPlan) {
  const words = ["eval", ...qualityTasks, "--data", "benchmarks/pocket", "--model", values.model];
  words.push(...evalWords(line), "--rule", "ocr=false");
  if (values.limit !== undefined) words.push("--limit", values.limit);
  commands.push(`prumerge ${words.join(" ")} --out RUN`);
  if (values["tables-only"]) continue;
  console.log(commands.at(-1));
  const status = await runCommandLine([...words, "--out", folder, "--quiet"]);
  if (status !== 0) process.exit(status);
}

const answered = await readAnswered(folder);
const unreduced = answered.find(({ column }) => column.configuration.budget.kind === "all")!;
const talks = await talk(
  values.model,
  at("benchmarks/pocket/vqav2"),
  values.limit === undefined ? 100 : Number(values.limit),
);
const tables: Record<string, string> = qualityTables(
  answered,
  subsets(at("benchmarks/pocket"), qualityTasks),
  "cover",
);
tables.talk = talkTable(talks);
const document = at("docs/quality.md");
writeFileSync(document, fillMarkers(readFileSync(document, "utf8"), tables));
const record = {
  bench: "quality",
  date: new Date().toISOString().slice(0, 10),
  commit: git("rev-parse", "--short", "HEAD"),
  machine: { processor: cpus()[0]!.model, cores: cpus().length, node: process.version },
  limit: values.limit === undefined ? null : Number(values.limit),
  minutes: Math.round((performance.now() - began) / 6000) / 10,
  commands,
  talks,
  columns: answered.map((one) => ({
    configuration: one.column.configuration.name,
    visualTokens: one.tokens,
    right: meanRight(one),
    ofUnreduced: meanShare(one, unreduced),
    headlines: Object.fromEntries(one.tasks.map(({ task, headline }) => [task, headline.value])),
  })),
};
writeFileSync(at("bench/results/quality.json"), `${JSON.stringify(record, null, 2)}\n`);
console.log(`docs/quality.md and bench/results/quality.json written after ${record.minutes} minutes`);
