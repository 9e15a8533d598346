import type { TaskScores } from "../eval/run/run-folder.js";
import { formatCount } from "./format.js";
import { formatTable } from "./table.js";

type Score = TaskScores["headline"];

/** The headline of every task under every configuration, one line each. */
export function formatScores(results: readonly TaskScores[], width: number): string {
  if (results.length === 0) return "";
  const failures = results.some(({ failed }) => failed > 0);
  const header = ["task", "configuration", "score", "95 % interval", "tokens", "questions"];
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
  return unit === "percent" ? `${value.toFixed(2)} %` : value.toFixed(unit === "points" ? 2 : 4);
}

function formatInterval({ interval, unit }: Score): string {
  if (interval === null) return "";
  const digits = unit === "ratio" ? 4 : 2;
  return `${interval.low.toFixed(digits)} .. ${interval.high.toFixed(digits)}`;
}
