import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PrumergeError } from "../errors.js";
import { createSampler, samplingSettings, warp } from "./sampling.js";

interface Recorded {
  readonly promptIds: number[];
  readonly logits: Record<string, number[]>;
  readonly cases: {
    readonly temperature: number;
    readonly topK: number | null;
    readonly topP: number;
    readonly repetitionPenalty: number;
    readonly logits: number;
    readonly kept: number[];
    readonly probabilities: number[];
  }[];
}
const recorded: Recorded = JSON.parse(
  readFileSync(new URL("../../test/fixtures/sampling/sampling.json", import.meta.url), "utf8"),
);

describe("against transformers", () => {
  it.each([1, 1.3, 0.8])("keeps and weighs the same tokens, repetition penalty %f", (penalty) => {
    const cases = recorded.cases.filter((one) => one.repetitionPenalty === penalty);
    expect(cases.length).toBeGreaterThan(60);
    for (const { temperature, topK, topP, logits, kept, probabilities } of cases) {
      const scores = Float32Array.from(recorded.logits[logits]!);
      penalize(scores, penalty);
      const ours = warp(scores, { temperature, topK: topK ?? undefined, topP });
      const ids = [...ours.keys()].filter((id) => ours[id]! > 0);
      const label = JSON.stringify({ temperature, topK, topP, logits });
      expect(ids, label).toEqual(kept);
      for (const [index, id] of ids.entries()) expect(ours[id]!, label).toBeCloseTo(probabilities[index]!, 5);
    }
  });

  // What TopPLogitsWarper (transformers 5.23) leaves of equal logits: the last ones, and those at the border itself go.
  it.each([
    [4, 0.8, 4],
    [4, 0.75, 3],
    [4, 0.5, 2],
    [4, 0.1, 1],
    [8, 0.8, 7],
    [8, 0.75, 6],
    [8, 0.25, 2],
  ])("of %i equal logits top-p %f keeps the last %i", (count, topP, kept) => {
    const ours = warp(new Float32Array(count), { temperature: 1, topK: undefined, topP });
    const expected = Array.from({ length: count }, (_, id) => (id < count - kept ? 0 : 1 / kept));
    expect([...ours]).toEqual(expected.map((one) => expect.closeTo(one, 6)));
  });

  it("applies the penalty to every token of the prompt, whatever the sign", () => {
    const [first] = recorded.cases.filter((one) => one.repetitionPenalty === 1.3 && one.topK === 1);
    const logits = Float32Array.from(recorded.logits[first!.logits]!);
    const sampler = createSampler(samplingSettings({ repetitionPenalty: 1.3 }), recorded.promptIds);
    expect(first!.kept).toContain(sampler.next(logits));
    for (const id of new Set(recorded.promptIds)) {
      const before = recorded.logits[first!.logits]![id]!;
      expect(logits[id]).toBeCloseTo(before < 0 ? before * 1.3 : before / 1.3, 5);
    }
  });
});

/** The penalty alone, by way of a greedy sampler, which leaves the penalised logits in place. */
function penalize(logits: Float32Array, penalty: number): void {
  createSampler(samplingSettings({ repetitionPenalty: penalty }), recorded.promptIds).next(logits);
}

describe("choosing", () => {
  it("takes the most likely token at a temperature next to nothing", () => {
    for (const temperature of [5e-324, 1e-300, 1e-40, 1e-6]) {
      const sampler = createSampler(samplingSettings({ temperature, seed: 1 }), []);
      expect(sampler.next(Float32Array.of(1, 4, 3.99, -50))).toBe(1);
    }
  });

  it("is greedy by default, lowest id first", () => {
    const sampler = createSampler(samplingSettings({}), []);
    expect(sampler.next(Float32Array.of(1, 4, 4, 2))).toBe(1);
  });

  it("remembers its own tokens for the penalty", () => {
    const sampler = createSampler(samplingSettings({ repetitionPenalty: 2 }), []);
    expect(sampler.next(Float32Array.of(3, 2, 1))).toBe(0);
    expect(sampler.next(Float32Array.of(3, 2, 1))).toBe(1);
  });

  it("draws as often as the probabilities say", () => {
    const sampler = createSampler(samplingSettings({ temperature: 1, seed: 11 }), []);
    const counts = [0, 0, 0];
    const draws = 20_000;
    const logits = Float32Array.of(Math.log(0.6), Math.log(0.3), Math.log(0.1));
    for (let i = 0; i < draws; i++) counts[sampler.next(logits.slice())]!++;
    expect(counts[0]! / draws).toBeCloseTo(0.6, 1.7);
    expect(counts[1]! / draws).toBeCloseTo(0.3, 1.7);
    expect(counts[2]! / draws).toBeCloseTo(0.1, 1.7);
  });

  it("repeats itself for the same seed and differs for another", () => {
    const run = (seed: number) => {
      const sampler = createSampler(samplingSettings({ temperature: 1, seed }), []);
      return Array.from({ length: 40 }, () => sampler.next(new Float32Array(50)));
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it.each([0, 1])("refuses logits that are not numbers, temperature %i", (temperature) => {
    const sampler = createSampler(samplingSettings({ temperature }), []);
    expect(() => sampler.next(Float32Array.of(1, Number.NaN))).toThrow(PrumergeError);
  });
});

describe("options", () => {
  it.each([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 0 },
    { topK: 1.5 },
    { topP: 0 },
    { topP: 1.01 },
    { repetitionPenalty: 0 },
    { repetitionPenalty: Number.POSITIVE_INFINITY },
    { seed: -1 },
    { seed: 0.5 },
    { seed: 2 ** 32 },
  ])("refuses %o", (options) => {
    const [name] = Object.keys(options);
    expect(() => samplingSettings(options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(name!) }),
    );
  });
});

describe("settings out of range", () => {
  it.each([
    [{ temperature: -0.1 }, /temperature: out of range; expected a number, 0 or more, found -0\.1/],
    [{ topK: 0 }, /topK: .*expected a whole number, 1 or more, found 0/],
    [{ topP: 0 }, /topP: .*expected a number above 0 and at most 1, found 0/],
    [{ topP: 1.01 }, /topP: .*found 1\.01/],
    [{ repetitionPenalty: 0 }, /repetitionPenalty: .*expected a number above 0, found 0/],
    [{ seed: -1 }, /seed: .*expected a whole number, 0 to 4294967295, found -1/],
    [{ seed: 4_294_967_296 }, /seed: .*found 4294967296/],
  ])("%o", (options, message) => {
    expect(() => samplingSettings(options)).toThrow(message);
  });

  it("and those at its ends are taken", () => {
    for (const seed of [0, 4_294_967_295]) expect(samplingSettings({ seed }).seed).toBe(seed);
    expect(samplingSettings({ topP: 1, topK: 1, temperature: 0 })).toMatchObject({ topP: 1, topK: 1 });
  });

  it("logits that are no numbers are the model's fault, and said", () => {
    const broken = expect.objectContaining({
      code: "RUNTIME",
      message: expect.stringMatching(/not numbers.*damaged, or overflow/),
    });
    for (const logits of [[Number.NaN, 1], [Number.NEGATIVE_INFINITY], []])
      expect(() => createSampler(samplingSettings({}), []).next(Float32Array.from(logits))).toThrow(broken);
  });
});
