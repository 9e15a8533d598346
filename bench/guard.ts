import { readFileSync, writeFileSync } from "node:fs";
import type { BenchResult } from "./result.js";
import { counts } from "./support/guard/counts.js";
import { limits, offences, type Stored } from "./support/guard/figure.js";
import { Measured } from "./support/guard/measured.js";
import { planning } from "./support/guard/planning.js";
import { serving } from "./support/guard/serving.js";
import { smallModel } from "./support/guard/small-model.js";
import { starting } from "./support/guard/starting.js";

/** What was right is kept; what one machine did at one time is not. */
export const kept = false;

const file = new URL("guard.json", import.meta.url);

/**
 * Whether something got slower, in half a minute: times as ratios to bare work in the same run, best of several tries, and counts of
 * operations, against those stored in `bench/guard.json`. Ends in an error only where a ratio is beyond 1.5 times its stored
 * value, which noise does not explain, or a count beyond 1.05 times.
 *
 * Environment: `PRUMERGE_BENCH_GUARD=store` stores what is measured, for changes that are meant: with something else
 * running beside it, as where checks run, since caches that are shared make tokens up to a quarter longer.
 */
export async function run(): Promise<BenchResult[]> {
  const storing = process.env.PRUMERGE_BENCH_GUARD === "store";
  const stored: Stored = storing ? {} : JSON.parse(readFileSync(file, "utf8"));
  const measured = new Measured(stored);
  for (const part of [counts, planning, starting, serving, smallModel]) await part(measured);
  const { figures } = measured;
  if (storing) {
    const values = figures.map(({ name, value }) => [name, Number(value.toPrecision(4))]);
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(values), null, 2)}\n`);
  }
  const wrong = storing ? [] : offences(figures, stored);
  for (const line of wrong) console.error(`slower: ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
  return figures.map(({ name, value, kind, notes }) => {
    const known = storing ? value : (stored[name] ?? Number.NaN);
    const share = `${(value / known).toFixed(2)} times the stored value, at most ${limits[kind]}`;
    return { name, median: value, unit: kind, notes: `${share}; ${notes}` };
  });
}
