import { describe, expect, it } from "vitest";
import { createSampler, samplingSettings } from "./sampling.js";
import { suppressedTokens } from "./suppressed-tokens.js";

const where = "generation_config.json";

describe("reading", () => {
  it.each([{}, { suppress_tokens: null }, { suppress_tokens: [] }])("finds none in %o", (config) => {
    expect(suppressedTokens(config, 10, where)).toEqual([]);
  });

  it("finds the list", () => {
    expect(suppressedTokens({ suppress_tokens: [9, 0] }, 10, where)).toEqual([9, 0]);
  });

  it.each([3, "3", [10], [-1], [0.5], ["1"]])("refuses %o", (found) => {
    expect(() => suppressedTokens({ suppress_tokens: found }, 10, where)).toThrow(
      expect.objectContaining({ code: "INVALID_FILE", message: expect.stringContaining(where) }),
    );
  });
});

describe("sampling", () => {
  it("is greedy over what is left", () => {
    expect(createSampler(samplingSettings({}), [], [1, 2]).next(Float32Array.of(1, 4, 3, 2))).toBe(3);
  });

  it.each([{}, { topK: 2 }, { topP: 0.9 }, { repetitionPenalty: 1.5 }])("never draws one, %o", (options) => {
    const settings = samplingSettings({ temperature: 2, seed: 3, ...options });
    const sampler = createSampler(settings, [1], [1]);
    const drawn = Array.from({ length: 200 }, () => sampler.next(Float32Array.of(1, 9, 0.5)));
    expect(new Set(drawn)).toEqual(new Set([0, 2]));
  });
});
