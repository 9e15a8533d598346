import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { floats, integers, readFixture } from "../../test/support/safetensors.js";
import { applyPlan } from "./apply-plan.js";
import { classAttention } from "./class-attention.js";
import { mergePlan } from "./merging.js";
import { pruMerge } from "./methods/prumerge.js";
import { planRows } from "./plan.js";
import type { Signals } from "./signals.js";

const fixtures = new URL("../../test/fixtures/", import.meta.url);

interface RecordedCase {
  readonly name: string;
  readonly expected: {
    readonly score: string;
    readonly out: string;
    readonly neighbours: string;
    readonly kept_indices: number[][];
    readonly tokens_out: number;
  };
}

function largest(data: Float32Array): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function expectClose(ours: Float32Array, recorded: Float32Array, tolerance: number) {
  expect(ours.length).toBe(recorded.length);
  const errors = ours.map((value, i) => value - recorded[i]);
  expect(largest(errors)).toBeLessThanOrEqual(tolerance * largest(recorded));
}

describe("variants that numpy derived from recorded queries and keys", () => {
  const tensors = readFixture(new URL("goldens/prumerge/m4L64a.inputs.safetensors", fixtures));
  const derived = readFixture(new URL("reduce/variants.safetensors", fixtures));
  const signals: Signals = {
    grid: { rows: 8, columns: 8 },
    patches: { rows: 64, columns: 48, data: floats(tensors, "hidden_states_minus2").subarray(48) },
    keys: { rows: 65, columns: 48, data: floats(tensors, "k_last") },
    queries: { rows: 1, columns: 48, data: floats(tensors, "q_last").subarray(0, 48) },
    classToken: true,
    heads: 4,
  };

  test("per-head attention is the mean over heads at the scale of a head", () => {
    const ours = classAttention(signals, { perHeadAttention: true });
    const expected = floats(derived, "per_head_attention");
    ours.forEach((value, i) => {
      expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-5);
    });
  });

  test("a class attention that comes with the signals is used, but not for the per-head form", () => {
    const given = { ...signals, classAttention: new Float32Array(64).fill(0.5) };
    expect(classAttention(given)).toBe(given.classAttention);
    expect(classAttention(given, { perHeadAttention: true })).not.toBe(given.classAttention);
  });

  test.each<[string, Partial<Signals>, RegExp]>([
    ["heads that do not divide the width", { heads: 5 }, /heads: .*divisor of the width 48, found 5/],
    ["half a query", { queries: { ...signals.queries, data: signals.queries.data.subarray(24) } }, /queries/],
    ["a grid of negative sides", { grid: { rows: -8, columns: -8 } }, /grid: .*found -8 x -8/],
    ["a grid of broken sides", { grid: { rows: 0.5, columns: 128 } }, /grid: .*found 0.5 x 128/],
  ])("signals that do not fit have no attention: %s", (_, change, message) => {
    const refusal = expect.objectContaining({
      code: "INVALID_TENSOR",
      message: expect.stringMatching(message),
    });
    expect(() => classAttention({ ...signals, ...change })).toThrow(refusal);
    expect(() => mergePlan({ ...signals, ...change }, [1])).toThrow(refusal);
  });

  test("options that it does not know give no attention", () => {
    const refusal = expect.objectContaining({ code: "INVALID_OPTION" });
    expect(() => classAttention(signals, { perHead: true } as never)).toThrow(refusal);
    expect(() => classAttention(signals, { perHeadAttention: 1 as never })).toThrow(refusal);
  });

  test("dot-product similarity", () => {
    const plan = pruMerge({ similarity: "dot-product" }).plan(signals);
    expectClose(applyPlan(plan, signals.patches).data, floats(derived, "dot_product_out"), 1e-5);
  });

  test("normalised merge", () => {
    const plan = pruMerge({ normalizedMerge: true }).plan(signals);
    expectClose(applyPlan(plan, signals.patches).data, floats(derived, "normalized_out"), 1e-5);
    const rowSum = plan.weights.subarray(plan.offsets[0], plan.offsets[1]).reduce((sum, w) => sum + w, 0);
    expect(rowSum).toBeCloseTo(2, 5);
  });
});

describe("an encoder without a class token, kept patches given", () => {
  const manifest: RecordedCase[] = JSON.parse(
    readFileSync(new URL("reduce/e64a.manifest.json", fixtures), "utf8"),
  );
  const inputs = readFixture(new URL("reduce/e64a.inputs.safetensors", fixtures));
  const recorded = readFixture(new URL("reduce/e64a.expected.safetensors", fixtures));
  const matrix = (name: string) => ({ rows: 64, columns: 24, data: floats(inputs, name) });
  const signals: Signals = {
    grid: { rows: 8, columns: 8 },
    patches: matrix("x"),
    keys: matrix("k"),
    queries: matrix("q"),
    classToken: false,
    heads: 1,
  };

  test.each(manifest)("$name", ({ expected }) => {
    const scores = floats(recorded, expected.score);
    classAttention(signals).forEach((value, i) => {
      expect(Math.abs(value / scores[i] - 1)).toBeLessThan(1e-5);
    });
    const kept: number[] = expected.kept_indices[0];
    const plan = mergePlan(signals, kept);
    expect(planRows(plan)).toBe(expected.tokens_out);
    const neighbours = integers(recorded, expected.neighbours);
    const k = neighbours.length / kept.length;
    kept.forEach((_, row) => {
      const own = plan.columns.subarray(plan.offsets[row] + 1, plan.offsets[row + 1]);
      expect([...own]).toEqual([...neighbours.subarray(row * k, (row + 1) * k)]);
    });
    expectClose(applyPlan(plan, signals.patches).data, floats(recorded, expected.out), 1e-5);
  });
});
