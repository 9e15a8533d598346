import type { AnswerReport } from "./answer-report.js";
import { formatBytes, formatMilliseconds } from "./format.js";

/** One line on what an answer took. */
export function formatStatistics(report: AnswerReport): string {
  const { method, visualTokens, unreducedTokens, tokenIds, perTokenMilliseconds } = report;
  const where = report.positions === undefined ? "" : `, at their ${report.positions} positions`;
  const parts = [
    ...(unreducedTokens > 0
      ? [`${method}: ${visualTokens} of ${unreducedTokens} visual tokens${where}`]
      : []),
    `first token after ${formatMilliseconds(report.firstTokenMilliseconds)}`,
    `${tokenIds.length} ${tokenIds.length === 1 ? "token" : "tokens"}${
      perTokenMilliseconds === null ? "" : `, ${formatMilliseconds(perTokenMilliseconds)} each`
    }`,
    `key/value cache ${formatBytes(report.keyValueBytes)}`,
  ];
  return parts.join("; ");
}
