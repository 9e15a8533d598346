import type { TaskScores } from "../eval/run/run-folder.js";
import { roundHalfEven } from "../eval/scoring/round-half-even.js";
import { formatCount } from "./format.js";
import { formatTable } from "./table.js";

type Score = TaskScores["headline"];

/** The headline of every task under every configuration, one line each. */
export function formatScores(results: readonly TaskScores[], width: number): string {
  if (results.length === 0) return "";
  const failures = results.some(({ failed }) => failed > 0);
  // Scores that an earlier version left in the folder do not say how their intervals came about.
  const isWilson = results.every(
    ({ headline: { interval } }) => interval === null || interval.method === "wilson",
  );
  const interval = `95 % interval${isWilson ? " (Wilson)" : ""}`;
  const header = ["task", "configuration", "score", interval, "tokens", "questions"];
  const rows = results.map(({ task, configuration, headline, meanVisualTokens, questions, failed }) => [
    task,
    configuration,
    formatScore(headline),
    formatInterval(headline),
    meanVisualTokens.toFixed(1),
    formatCount(questions),
    ...(failures ? [formatCount(failed)] : []),
  ]);
  return formatTable([[...header, ...(failures ? ["failed"] : [])], ...rows], {
    width,
    right: [2, 3, 4, 5, 6],
  });
}

function formatScore({ value, unit }: Score): string {
  if (value === null) return "none";
  return roundHalfEven(value, decimalsOf(unit)) + (unit === "percent" ? " %" : "");
}

function formatInterval({ interval, unit }: Score): string {
  if (interval === null) return "";
  return `${roundHalfEven(interval.low, decimalsOf(unit))} .. ${roundHalfEven(interval.high, decimalsOf(unit))}`;
}

function decimalsOf(unit: Score["unit"]): number {
  return unit === "ratio" ? 4 : 2;
}
