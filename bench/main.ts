import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import type { BenchResult } from "./result.js";

/** For a bench that takes long: writes what it has so far, so that stopping it loses nothing. */
type Save = (results: readonly BenchResult[]) => void;

interface Bench {
  run(save: Save): Promise<BenchResult[]>;
  /** Whether its results are kept in a file; default true. */
  readonly kept?: boolean;
}

/**
 * Runs the benches named on the command line, or all, and writes each one's results with machine and commit: to `NAME.json`, or of a variant that
 * the environment asks for to the name that `PRUMERGE_BENCH_AS` gives.
 */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  start: () => import("./start.js"),
  planner: () => import("./planner.js"),
  vision: () => import("./vision.js"),
  kernels: () => import("./kernels.js"),
  language: () => import("./language.js"),
  against: () => import("./against.js"),
  starters: () => import("./starters.js"),
  conversion: () => import("./conversion.js").then(({ run }) => ({ run: () => run() })),
  serve: () => import("./serve.js"),
  scoring: () => import("./scoring.js"),
  eval: () => import("./eval.js"),
  video: () => import("./video.js"),
  coverage: () => import("./coverage.js"),
  families: () => import("./families.js"),
  "browser-smolvlm": () => import("./browser-smolvlm.js"),
  guard: () => import("./guard.js"),
  rivals: () => import("./rivals.js"),
  browser: () => import("./browser.js"),
};

// One compares with an earlier checkout, which has to be named, another installs what it compares with.
const byName = ["against", "rivals"];
const wanted =
  process.argv.length > 2
    ? process.argv.slice(2)
    : Object.keys(benches).filter((name) => !byName.includes(name));
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}

process.env.ORT_DISABLE_TELEMETRY = "1";

const machine = {
  processor: cpus()[0]!.model,
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 1e9),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};
const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8" }).trim();
const commit =
  git("rev-parse", "--short", "HEAD") +
  (git("status", "--porcelain", "src", "bench/*.ts", "bench/support") === "" ? "" : " and changes");
const folder = new URL("results/", import.meta.url);
mkdirSync(folder, { recursive: true });

for (const name of wanted) {
  const { run, kept = true } = await benches[name]!();
  const save = (results: readonly BenchResult[]) => {
    // Of the last minute: what else ran beside it.
    const load = Number(loadavg()[0]!.toFixed(1));
    const record = {
      bench: name,
      date: new Date().toISOString().slice(0, 10),
      commit,
      machine,
      load,
      results,
    };
    writeFileSync(
      new URL(`${process.env.PRUMERGE_BENCH_AS ?? name}.json`, folder),
      `${JSON.stringify(record, null, 2)}\n`,
    );
  };
  const results = await run(save);
  console.log(`\n${name}`);
  for (const { name: what, median, unit, notes } of results) {
    console.log(`  ${what.padEnd(44)} ${median.toPrecision(4).padStart(9)} ${unit.padEnd(6)} ${notes}`);
  }
  if (kept) save(results);
}
