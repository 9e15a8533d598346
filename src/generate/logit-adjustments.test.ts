import { describe, expect, it } from "vitest";
import { LogitAdjustments } from "./logit-adjustments.js";
import { createSampler, samplingSettings } from "./sampling.js";

describe("penalties and biases", () => {
  it("follow OpenAI's formula: logit - count * frequency - (count > 0) * presence", () => {
    const adjustments = new LogitAdjustments({
      frequencyPenalty: 0.5,
      presencePenalty: -2,
      logitBias: new Map([
        [0, 100],
        [2, -0.25],
      ]),
    });
    for (const id of [1, 1, 1, 2]) adjustments.say(id);
    const logits = Float32Array.of(1, 2, 3, 4);
    adjustments.apply(logits);
    expect([...logits]).toEqual([101, 2 - 1.5 + 2, 3 - 0.25 - 0.5 + 2, 4]);
  });

  it("decide greedy and drawn answers, and count the answer alone", () => {
    const next = (options: object, steps: number) => {
      const sampler = createSampler(samplingSettings(options), [3]); // the prompt says the likeliest token
      return Array.from({ length: steps }, () => sampler.next(Float32Array.of(0, 1, 2, 3)));
    };
    expect(next({}, 3)).toEqual([3, 3, 3]);
    expect(next({ presencePenalty: 1.5 }, 3)).toEqual([3, 2, 3]);
    expect(next({ frequencyPenalty: 0.75 }, 5)).toEqual([3, 3, 2, 3, 2]);
    expect(next({ logitBias: new Map([[0, 100]]), temperature: 1 }, 3)).toEqual([0, 0, 0]);
    expect(next({ logitBias: new Map([[3, -100]]), temperature: 1e-3 }, 1)).toEqual([2]);
  });

  it("are refused out of range", () => {
    for (const options of [
      { frequencyPenalty: 2.1 },
      { presencePenalty: -2.1 },
      { presencePenalty: Number.NaN },
      { logitBias: new Map([[0, 101]]) },
      { logitBias: new Map([[-1, 1]]) },
      { logitBias: new Map([[0.5, 1]]) },
    ]) {
      expect(() => samplingSettings(options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    }
    const sampler = createSampler(samplingSettings({ logitBias: new Map([[4, 1]]) }), []);
    expect(() => sampler.next(Float32Array.of(1, 2, 3, 4))).toThrow(/^logitBias: .*0 to 3, found 4/);
  });

  it.each([
    [{ frequencyPenalty: 3 }, /^frequencyPenalty: .*expected a number, -2 to 2, found 3$/],
    [{ presencePenalty: -3 }, /^presencePenalty: .*expected a number, -2 to 2, found -3$/],
    [{ logitBias: new Map([[7, 101]]) }, /^logitBias of 7: .*expected a number, -100 to 100, found 101$/],
    [{ logitBias: new Map([[-1, 1]]) }, /^logitBias: .*expected ids of tokens, found -1$/],
  ])("are refused by name: %o", (options, message) => {
    expect(() => new LogitAdjustments(options)).toThrow(message);
  });
});
