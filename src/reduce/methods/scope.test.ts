import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Matrix } from "../../tensor/matrix.js";
import { seededRandom } from "../../tensor/random.js";
import { layerAttention } from "../layer-attention.js";
import { gatherSignals, type Signals } from "../signals.js";
import { SimilarityRows } from "../similarity-rows.js";
import type { Grid } from "../sites.js";
import { scope } from "./scope.js";

interface Packed {
  readonly rows: number;
  readonly columns: number;
  readonly data: string;
}
interface Recorded {
  readonly name: string;
  readonly grid: Grid;
  readonly heads: number;
  readonly classToken: boolean;
  readonly alpha: number;
  readonly projected: Packed;
  readonly keys: Packed;
  readonly queries: Packed;
  readonly order: readonly number[];
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/reduce/scope.json", import.meta.url), "utf8"),
);
const unpack = ({ rows, columns, data }: Packed): Matrix => ({
  rows,
  columns,
  data: new Float32Array(Uint8Array.from(Buffer.from(data, "base64")).buffer),
});
const ascending = (patches: readonly number[]) => [...patches].sort((a, b) => a - b);

function signalsOf({ grid, heads, classToken, ...packed }: Recorded): Signals {
  const [projected, keys, queries] = [unpack(packed.projected), unpack(packed.keys), unpack(packed.queries)];
  const layers = { [-2]: { keys, queries } };
  // The last layer is not read.
  return gatherSignals({ grid, heads, classToken, patches: projected, projected, layers }, undefined);
}

describe("scope", () => {
  it.each(recorded)("keeps what the formula keeps, at every count: $name", (one) => {
    const signals = signalsOf(one);
    for (let tokens = 1; tokens <= one.order.length; tokens++) {
      const { keptPatches } = scope({ tokens, alpha: one.alpha }).plan(signals);
      expect([...keptPatches], `${tokens}`).toEqual(ascending(one.order.slice(0, tokens)));
    }
  });

  it("keeps what is worked out from every similarity at every step, whatever it is given", () => {
    const values = fc.float({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true });
    const grids = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      columns: fc.integer({ min: 1, max: 5 }),
    });
    const anything = grids.chain((grid) => {
      const count = grid.rows * grid.columns;
      const matrix = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
        fc
          .array(values, { minLength: rows * columns, maxLength: rows * columns })
          .map((data) => ({ rows, columns, data: Float32Array.from(data) }));
      return fc.record({
        grid: fc.constant(grid),
        projected: matrix(count, 3),
        layer: fc.record({ keys: matrix(count, 2), queries: matrix(count, 2) }),
        tokens: fc.integer({ min: 1, max: count }),
      });
    });
    fc.assert(
      fc.property(anything, ({ grid, projected, layer, tokens }) => {
        const signals: Signals = {
          ...{ grid, projected, classToken: false, heads: 1, patches: projected },
          ...{ keys: layer.keys, queries: layer.queries, layers: { [-2]: layer } },
        };
        const { keptPatches } = scope({ tokens }).plan(signals);
        expect([...keptPatches]).toEqual(ascending(plain(signals, tokens)));
      }),
      { numRuns: 300 },
    );
  });

  it("looks at few rows where attention is concentrated", () => {
    const random = seededRandom(3);
    const matrix = (rows: number, columns: number, of: (row: number) => number): Matrix => ({
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, (_, i) => of(Math.floor(i / columns))),
    });
    const projected = matrix(400, 8, () => random() - 0.5);
    const keys = matrix(401, 1, (row) => (row > 0 && row <= 20 ? 9 : 0));
    const signals: Signals = {
      ...{ grid: { rows: 20, columns: 20 }, classToken: true, heads: 1, patches: projected },
      ...{ keys, queries: matrix(1, 1, () => 1), projected },
      layers: { [-2]: { keys, queries: matrix(401, 1, () => 1) } },
    };
    const asked = vi.spyOn(SimilarityRows.prototype, "of");
    scope({ tokens: 8 }).plan(signals);
    expect(new Set(asked.mock.calls.map(([row]) => row)).size).toBeLessThan(40);
    asked.mockRestore();
  });

  it.each([-1, 17, Number.NaN, "1"])("refuses alpha %o", (alpha) => {
    expect(() => scope({ alpha: alpha as number })).toThrow(/scope: option "alpha" is out of range/);
  });
});

/** Every gain at every step. */
function plain(signals: Signals, count: number): number[] {
  const { rows, columns, data } = signals.projected!;
  const weights = layerAttention(signals, -2);
  const row = (at: number) => [...data.subarray(at * columns, (at + 1) * columns)];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c]!, 0);
  const inverse = Array.from(
    { length: rows },
    (_, at) => 1 / Math.max(Math.sqrt(dot(row(at), row(at))), 1e-12),
  );
  const similarity = (i: number, j: number) => dot(row(i), row(j)) * (inverse[i]! * inverse[j]!);
  const covered = new Float64Array(rows);
  const kept: number[] = [];
  for (let step = 0; step < count; step++) {
    let [best, most] = [-1, -1];
    for (let j = 0; j < rows; j++) {
      if (kept.includes(j)) continue;
      let gain = 0;
      for (let i = 0; i < rows; i++) gain += Math.max(0, similarity(i, j) - covered[i]!);
      const score = gain * weights[j]!;
      if (score > most) [best, most] = [j, score];
    }
    kept.push(best);
    for (let i = 0; i < rows; i++) covered[i] = Math.max(covered[i]!, similarity(i, best));
  }
  return kept;
}
