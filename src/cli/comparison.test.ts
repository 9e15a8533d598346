import { describe, expect, it } from "vitest";
import { toyPicture } from "../../test/support/toy-prompts.js";
import { type AnswerReport, reportAnswer } from "./answer-report.js";
import { formatComparison } from "./comparison.js";

const unreduced: AnswerReport = {
  method: "none",
  budget: "all",
  methodOptions: {},
  answer: "left",
  finishReason: "stop",
  tokenIds: [4],
  seed: null,
  unreducedTokens: 576,
  visualTokens: 576,
  promptTokens: 600,
  pictures: [],
  encodeMilliseconds: 10,
  prefillMilliseconds: 110,
  firstTokenMilliseconds: 120,
  perTokenMilliseconds: 9,
  totalMilliseconds: 2000,
  keyValueBytes: 4_915_200,
};
const reduced: AnswerReport = {
  ...unreduced,
  method: "prumerge+",
  budget: "adaptive:144",
  answer: "right",
  visualTokens: 144,
  prefillMilliseconds: 50,
  firstTokenMilliseconds: 60,
  perTokenMilliseconds: 6,
  totalMilliseconds: 1600,
  keyValueBytes: 1_376_256,
};

/** The cells of every row by its name. */
const cells = (table: string) =>
  Object.fromEntries(
    table
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/))
      .map(([name, ...rest]) => [name, rest]),
  );

describe("the unreduced run and a reduced one, side by side", () => {
  it("says how many times more the unreduced one takes", () => {
    expect(cells(formatComparison(unreduced, reduced, 80))).toEqual({
      "": ["unreduced", "prumerge+"],
      "visual tokens": ["576", "144", "4.0x"],
      "time to first token": ["120 ms", "60 ms", "2.0x"],
      encoding: ["10 ms", "10 ms", "1.0x"],
      prompt: ["110 ms", "50 ms", "2.2x"],
      "time per token": ["9.00 ms", "6.00 ms", "1.5x"],
      total: ["2.00 s", "1.60 s", "1.3x"],
      "key/value bytes": ["4,915,200", "1,376,256", "3.6x"],
      answer: ["left", "right"],
    });
  });

  it("says where the reduced one takes longer", () => {
    const slower = { ...reduced, firstTokenMilliseconds: 240 };
    expect(cells(formatComparison(unreduced, slower, 80))["time to first token"]![2]).toBe("0.5x");
  });

  it("has no time per token where an answer is one token, and no ratio to nothing", () => {
    const short = { ...reduced, perTokenMilliseconds: null, visualTokens: 0 };
    const found = cells(formatComparison(unreduced, short, 80));
    expect(found["time per token"]).toEqual(["9.00 ms", "-"]);
    expect(found["visual tokens"]).toEqual(["576", "0"]);
    const other = cells(formatComparison({ ...unreduced, perTokenMilliseconds: null }, reduced, 80));
    expect(other["time per token"]).toEqual(["-", "6.00 ms"]);
  });
});

describe("the report of an answer", () => {
  it("counts the encoder into every time that a user waits, and all pictures into the tokens", () => {
    const seen = [toyPicture(3, 0.5), toyPicture(4, 0.5)];
    const report = reportAnswer(seen, {
      text: "a cat",
      tokenIds: [1, 2],
      finishReason: "stop",
      promptTokens: 20,
      visualTokens: 7,
      reusedTokens: 0,
      keyValueBytes: 160,
      seed: 5,
      timings: {
        encode: 4,
        prefill: 30,
        firstToken: 40,
        perToken: 6,
        total: 50,
        encodeWait: 0,
        firstTokenWait: 0,
        totalWait: 0,
      },
    });
    expect(report).toEqual({
      method: "toy",
      budget: "all",
      methodOptions: {},
      answer: "a cat",
      finishReason: "stop",
      tokenIds: [1, 2],
      seed: 5,
      unreducedTokens: 7,
      visualTokens: 7,
      promptTokens: 20,
      pictures: [
        { visualTokens: 3, keptPatches: null },
        { visualTokens: 4, keptPatches: null },
      ],
      encodeMilliseconds: 4,
      prefillMilliseconds: 30,
      firstTokenMilliseconds: 44,
      perTokenMilliseconds: 6,
      totalMilliseconds: 54,
      keyValueBytes: 160,
    });
  });
});
