import { describe, expect, test } from "vitest";
import type { Signals } from "../reduce/signals.js";
import { towerSigns } from "./tower-signs.js";

/** Four patches of norms 1, 1, 2 and 9, the median 1.5. */
const patches = { rows: 4, columns: 2, data: Float32Array.of(1, 0, 0, 1, 0, 2, 9, 0) };
const zeros = (rows: number) => ({ rows, columns: 2, data: new Float32Array(2 * rows) });
const signals: Signals = {
  ...{ grid: { rows: 2, columns: 2 }, patches, keys: zeros(5), queries: zeros(1) },
  ...{ classToken: true, heads: 1 },
};
const attention = Float32Array.of(0.1, 0.05, 0.05, 0.05);

describe("towerSigns", () => {
  test("counts registers, and says what merging adds to a patch", () => {
    // Row 0: patch 3 as it is. Row 1: patch 0 plus half of patch 1, by which it differs by half its norm. Row 2 stands on none.
    const plan = {
      patches: 4,
      keptPatches: Int32Array.of(3, 0, -1),
      offsets: Int32Array.of(0, 1, 3, 4),
      columns: Int32Array.of(3, 0, 1, 2),
      weights: Float32Array.of(1, 1, 0.5, 1),
    };
    const signs = towerSigns(plan, signals, attention);
    expect(signs.highNorm).toEqual({ patches: 1, kept: 1 });
    expect(signs.mergingAdds).toBeCloseTo(0.25, 6); // the median of 0 and 0.5
    expect(signs.classShare).toBeCloseTo(0.75, 6);
  });

  test("knows no class share without a class token, and no change where no row stands on a patch", () => {
    const whole = {
      ...{ patches: 4, keptPatches: Int32Array.of(-1), offsets: Int32Array.of(0, 4) },
      ...{ columns: Int32Array.of(0, 1, 2, 3), weights: new Float32Array(4).fill(0.25) },
    };
    expect(towerSigns(whole, { ...signals, classToken: false }, attention)).toEqual({
      highNorm: { patches: 1, kept: 0 },
    });
  });
});
