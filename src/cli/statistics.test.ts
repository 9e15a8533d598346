import { expect, it } from "vitest";
import type { AnswerReport } from "./answer-report.js";
import { formatStatistics } from "./statistics.js";

const report: AnswerReport = {
  method: "cover",
  budget: "64",
  methodOptions: {},
  answer: "red",
  finishReason: "stop",
  tokenIds: [7],
  seed: null,
  unreducedTokens: 576,
  visualTokens: 64,
  promptTokens: 80,
  pictures: [],
  encodeMilliseconds: 1,
  prefillMilliseconds: 1,
  firstTokenMilliseconds: 2,
  perTokenMilliseconds: null,
  totalMilliseconds: 2,
  keyValueBytes: 1024,
};

it("says where rows stand, and what the context had too few of", () => {
  const begins = (more: Partial<AnswerReport>) => formatStatistics({ ...report, ...more }).split("; ")[0];
  expect(begins({})).toBe("cover: 64 of 576 visual tokens");
  const views = [3, 0, 1].map((visualTokens) => ({ patches: 4, visualTokens }));
  expect(begins({ pictures: [{ visualTokens: 64, keptPatches: [], views }] })).toBe(
    "cover: 64 of 576 visual tokens of 3 views",
  );
  expect(begins({ positions: "far" })).toBe(
    "cover: 64 of 576 visual tokens, the text where it would have stood",
  );
  expect(begins({ positions: "original", missingPositions: 9 })).toBe(
    "cover: 64 of 576 visual tokens, at their original positions, drawn together by 9 positions that the context has not",
  );
});
