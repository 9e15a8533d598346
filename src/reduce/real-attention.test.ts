import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { selectionOnly } from "./methods/selection.js";
import type { Signals } from "./signals.js";

interface Recorded {
  readonly picture: string;
  readonly attention: readonly number[];
  readonly outliers: readonly number[];
  readonly strongest32: readonly number[];
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL("../../test/fixtures/real-tower/clip-vit-b16.json", import.meta.url), "utf8"),
);

/** Signals of which class attention alone is true. */
function signalsOf(attention: readonly number[]): Signals {
  const zeros = (rows: number) => ({ rows, columns: 1, data: new Float32Array(rows) });
  const classAttention = Float32Array.from(attention);
  const others = { patches: zeros(196), keys: zeros(197), queries: zeros(1), classToken: true, heads: 1 };
  return { grid: { rows: 14, columns: 14 }, ...others, classAttention };
}

describe("patches kept on a real CLIP tower, as numpy derives them from its attention", () => {
  test.each(recorded)("$picture", ({ attention, outliers, strongest32 }) => {
    const signals = signalsOf(attention);
    expect([...selectionOnly({}).plan(signals).keptPatches]).toEqual(outliers);
    expect([...selectionOnly({ tokens: 32 }).plan(signals).keptPatches]).toEqual(strongest32);
  });

  test("a fifth is kept whatever the picture", () => {
    const shares = recorded.map(({ outliers }) => outliers.length / 196);
    expect(Math.min(...shares)).toBeGreaterThan(0.1);
    expect(Math.max(...shares)).toBeLessThan(0.25);
  });
});
