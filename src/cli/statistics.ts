import type { OtherPositions } from "../see/row-place.js";
import type { AnswerReport } from "./answer-report.js";
import { formatBytes, formatMilliseconds } from "./format.js";

const placeWords = {
  original: "at their original positions",
  tight: "at their original positions, the text right behind them",
  far: "the text where it would have stood",
} as const satisfies Record<OtherPositions, string>;

/** One line on what an answer took. */
export function formatStatistics(report: AnswerReport): string {
  const { method, visualTokens, unreducedTokens, tokenIds, perTokenMilliseconds } = report;
  const where = report.positions === undefined ? "" : `, ${placeWords[report.positions]}`;
  const missing =
    report.missingPositions === undefined
      ? ""
      : `, drawn together by ${report.missingPositions} positions that the context has not`;
  const viewCount = report.pictures.reduce((sum, { views = [] }) => sum + views.length, 0);
  const views = viewCount > 1 ? ` of ${viewCount} views` : "";
  const parts = [
    ...(unreducedTokens > 0
      ? [`${method}: ${visualTokens} of ${unreducedTokens} visual tokens${views}${where}${missing}`]
      : []),
    `first token after ${formatMilliseconds(report.firstTokenMilliseconds)}`,
    `${tokenIds.length} ${tokenIds.length === 1 ? "token" : "tokens"}${
      perTokenMilliseconds === null ? "" : `, ${formatMilliseconds(perTokenMilliseconds)} each`
    }`,
    `key/value cache ${formatBytes(report.keyValueBytes)}`,
  ];
  return parts.join("; ");
}
