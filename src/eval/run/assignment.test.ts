import { describe, expect, it } from "vitest";
import { answerKey, type Conditions } from "./assignment.js";
import { planConfigurations } from "./configurations.js";

const conditions: Conditions = {
  model: "ab".repeat(32),
  versions: { prumerge: "1.0.0", onnxruntime: "1.30.0" },
  prompt: "model",
  device: "cpu",
  imageAspect: null,
};
const [plus, random, otherSeed, more] = [
  planConfigurations(["prumerge+"], [{ kind: "exact", rows: 64 }], 0),
  planConfigurations(["random"], [{ kind: "exact", rows: 64 }], 0),
  planConfigurations(["random"], [{ kind: "exact", rows: 64 }], 1),
  planConfigurations(["prumerge+"], [{ kind: "exact", rows: 65 }], 0),
].map(({ configurations }) => configurations[0]!);
const question = { id: "1", text: "What?", maxNewTokens: 128 };

describe("answerKey", () => {
  it("changes with everything that decides an answer, and with nothing else", () => {
    const picture = "cd".repeat(32);
    const versions = { prumerge: "1.0.1", onnxruntime: "1.30.0" };
    const keys = [
      answerKey(conditions, "pope", plus!, picture, question),
      answerKey({ ...conditions, model: "ac".repeat(32) }, "pope", plus!, picture, question),
      answerKey({ ...conditions, versions }, "pope", plus!, picture, question),
      answerKey({ ...conditions, prompt: "vicuna_v1" }, "pope", plus!, picture, question),
      answerKey({ ...conditions, device: "cuda" }, "pope", plus!, picture, question),
      answerKey({ ...conditions, cache: "q8" }, "pope", plus!, picture, question),
      answerKey({ ...conditions, imageAspect: "pad" }, "pope", plus!, picture, question),
      answerKey({ ...conditions, minPixels: 3136 }, "pope", plus!, picture, question),
      answerKey({ ...conditions, maxPixels: 3136 }, "pope", plus!, picture, question),
      answerKey(conditions, "gqa", plus!, picture, question),
      answerKey(conditions, "pope", random!, picture, question),
      answerKey(conditions, "pope", otherSeed!, picture, question),
      answerKey(conditions, "pope", more!, picture, question),
      answerKey(conditions, "pope", { ...plus!, positions: "original" }, picture, question),
      answerKey(conditions, "pope", { ...plus!, positions: "far" }, picture, question),
      answerKey(conditions, "pope", plus!, "ce".repeat(32), question),
      answerKey(conditions, "pope", plus!, null, question),
      answerKey(conditions, "pope", plus!, picture, { ...question, id: "2" }),
      answerKey(conditions, "pope", plus!, picture, { ...question, text: "Where?" }),
      answerKey(conditions, "pope", plus!, picture, { ...question, maxNewTokens: 127 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    const options = Object.fromEntries(Object.entries(plus!.options).reverse());
    expect(answerKey(conditions, "pope", { ...plus!, name: "x", options }, picture, question)).toBe(keys[0]);
  });
});
