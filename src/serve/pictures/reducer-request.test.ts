import { describe, expect, it } from "vitest";
import { noReduction, pruMergePlus, randomSampling } from "../../reduce/index.js";
import { type ReductionDefaults, requestedReducer } from "./reducer-request.js";

/** As a model has it of itself. */
const own: ReductionDefaults = {
  defaultReducer: pruMergePlus({ maxTokens: 144 }),
  defaultBudget: undefined,
};
/** As `--visual-tokens 64` and `--backend-tokens 64` make it. */
const exact: ReductionDefaults = {
  defaultReducer: pruMergePlus({ tokens: 64 }),
  defaultBudget: { kind: "exact", rows: 64 },
};
/** As `--visual-tokens adaptive:100` and `--visual-tokens adaptive` make it. */
const capped: ReductionDefaults = {
  defaultReducer: pruMergePlus({ maxTokens: 100 }),
  defaultBudget: { kind: "cap", rows: 100 },
};
const uncapped: ReductionDefaults = { defaultReducer: pruMergePlus(), defaultBudget: { kind: "rule" } };

function counts(request: Parameters<typeof requestedReducer>[0], defaults: ReductionDefaults) {
  const { method, options } = requestedReducer(request, defaults);
  return [method, options.tokens ?? null, options.maxTokens ?? null];
}

describe("a request that names no count", () => {
  it("gets the server's, whatever method and options it names", () => {
    expect(counts({}, exact)).toEqual(["prumerge+", 64, null]);
    expect(counts({ options: { iqrFactor: 2 } }, exact)).toEqual(["prumerge+", 64, null]);
    for (const method of ["prumerge", "prumerge+", "selection", "random", "uniform", "sequential"]) {
      expect(counts({ method }, exact)).toEqual([method, 64, null]);
    }
    expect(counts({ method: "prumerge" }, capped)).toEqual(["prumerge", null, 100]);
    expect(counts({ method: "prumerge+" }, uncapped)).toEqual(["prumerge+", null, null]);
  });

  it("gets the method's own where the server has none", () => {
    expect(counts({ method: "prumerge" }, own)).toEqual(["prumerge", null, null]);
    expect(counts({ options: { iqrFactor: 2 } }, own)).toEqual(["prumerge+", null, 144]);
    const none = { defaultReducer: noReduction(), defaultBudget: undefined };
    expect(counts({ method: "prumerge+" }, none)).toEqual(["prumerge+", null, 144]);
    const random = { defaultReducer: randomSampling({ tokens: 9 }), defaultBudget: undefined };
    expect(counts({ options: { seed: 3 } }, random)).toEqual(["random", 9, null]);
  });

  it("gets all of the picture where it names none, which has no count", () => {
    expect(counts({ method: "none" }, exact)).toEqual(["none", null, null]);
  });

  it("gets a share where its method takes counts alone and the server's is none", () => {
    for (const defaults of [own, capped])
      expect(requestedReducer({ method: "uniform" }, defaults).options).toEqual({ keepRatio: 0.25 });
  });
});

describe("a request that names a count", () => {
  it("gets that", () => {
    expect(counts({ visual_tokens: 32 }, exact)).toEqual(["prumerge+", 32, null]);
    expect(counts({ visual_tokens: "adaptive" }, exact)).toEqual(["prumerge+", null, null]);
    expect(counts({ method: "prumerge", visual_tokens: "adaptive:9" }, exact)).toEqual(["prumerge", null, 9]);
    expect(() => requestedReducer({ method: "uniform", visual_tokens: "adaptive" }, exact)).toThrow(
      /The method uniform does not take 'adaptive' for visual_tokens/,
    );
  });
});
