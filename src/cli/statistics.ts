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
  const views = partsOf(report);
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

/** Of how many views, and frames of videos, the visual tokens are. */
function partsOf({ pictures }: AnswerReport): string {
  const count = (wanted: boolean) =>
    pictures
      .filter(({ video }) => (video !== undefined) === wanted)
      .reduce((sum, { video, views = [] }) => sum + (video?.indices.length ?? views.length), 0);
  const [views, frames] = [count(false), count(true)];
  return `${views > 1 ? ` of ${views} views` : ""}${frames > 0 ? ` of ${frames} ${frames === 1 ? "frame" : "frames"}` : ""}`;
}
