import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inverseNorms } from "./cosine.js";
import { dotRows, dotSomeRows } from "./dot.js";
import { firstNonFinite } from "./finite.js";
import { encodeNpy } from "./npy.js";
import { percentile } from "./percentile.js";
import { seededRandom } from "./random.js";
import { addSoftmax } from "./softmax.js";
import { topK } from "./top-k.js";

const small = fc.integer({ min: -8, max: 8 }).map((n) => n / 2);

describe("topK", () => {
  test("equals a stable sort, lowest index first among equals", () => {
    fc.assert(
      fc.property(fc.array(small, { minLength: 1, maxLength: 60 }), fc.nat(60), (values, wanted) => {
        const k = Math.min(wanted, values.length);
        const sorted = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b);
        expect([...topK(Float64Array.from(values), k)]).toEqual(sorted.slice(0, k));
      }),
    );
  });

  test("leaves out the index to skip and writes into memory handed in", () => {
    const out = new Int32Array(2);
    expect(topK(Float32Array.of(1, 9, 3, 2), 2, out, 1)).toBe(out);
    expect([...out]).toEqual([2, 3]);
  });

  test("takes minus infinity as a value like any other", () => {
    expect([...topK(Float32Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY), 2)]).toEqual([0, 1]);
  });
});

describe("dotSomeRows", () => {
  test("equals the plain sum for every number of rows, whichever they are", () => {
    const rows = fc.array(fc.nat(5), { maxLength: 20 });
    const values = fc.array(small, { minLength: 21, maxLength: 21 });
    fc.assert(
      fc.property(rows, fc.nat(4), values, (listed, from, numbers) => {
        const data = Float32Array.from(numbers.slice(0, 18));
        const vector = Float32Array.from(numbers.slice(18));
        const out = new Float64Array(20).fill(7);
        dotSomeRows(vector, { rows: 6, columns: 3, data }, Int32Array.from(listed), from, listed.length, out);
        const some = listed.slice(from);
        const sums = some.map((row) => vector.reduce((sum, x, c) => sum + x * data[3 * row + c], 0));
        expect([...out]).toEqual([...sums, ...new Array(20 - sums.length).fill(7)]);
      }),
    );
  });
});

describe("dotRows", () => {
  test("equals the plain sum for every number of rows, on a range of columns", () => {
    const shape = fc.record({ rows: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(shape, fc.nat(3), fc.array(small, { minLength: 100 }), ({ rows, width }, first, values) => {
        const columns = first + width;
        const data = Float32Array.from({ length: rows * columns }, (_, i) => values[i % values.length]);
        const [a, b] = [
          Float32Array.from(values.slice(0, width)),
          Float32Array.from(values.slice(5, 5 + width)),
        ];
        const out = [new Float64Array(rows), new Float64Array(rows)];
        dotRows(a, b, { rows, columns, data }, out[0], out[1], first);
        [a, b].forEach((vector, at) => {
          for (let r = 0; r < rows; r++) {
            const sum = vector.reduce((total, x, c) => total + x * data[r * columns + first + c], 0);
            expect(out[at][r]).toBe(sum);
          }
        });
      }),
    );
  });
});

test("inverseNorms: 1 / length, and 1e12 for a zero row", () => {
  const norms = inverseNorms({ rows: 2, columns: 2, data: Float32Array.of(3, 4, 0, 0) });
  expect(norms[0]).toBeCloseTo(0.2, 12);
  expect(norms[1]).toBe(1e12);
});

test("percentile: one value, exact places, and between them", () => {
  expect(percentile(Float32Array.of(7), 0.75)).toBe(7);
  expect(percentile(Float32Array.of(1, 2, 3, 4, 5), 0.75)).toBe(4);
  expect(percentile(Float32Array.of(1, 2), 0.25)).toBe(1.25);
});

test("percentile: numpy's last bit where its two branches differ", () => {
  const values = [0.00022516083845403045, 0.0005170697695575655, 0.0008755905437283218, 0.00120248063467443];
  expect(percentile(Float32Array.from(values), 0.25)).toBe(0.00044409255497157574);
});

test("softmax: adds shares of 1 to a total, and survives large scores", () => {
  const total = Float64Array.of(1, 2, 3);
  addSoftmax(Float64Array.of(1000, 1001, 999), 2, total);
  const shares = total.map((sum, i) => sum - (i + 1));
  expect(shares.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
  expect(shares[1]! / shares[0]!).toBeCloseTo(Math.exp(2), 8);
});

test("firstNonFinite: the first place, or -1", () => {
  expect(firstNonFinite(Float32Array.of(0, 1e38, -3))).toBe(-1);
  expect(firstNonFinite(Float32Array.of(0, Number.NaN, Number.POSITIVE_INFINITY))).toBe(1);
  expect(firstNonFinite(Float32Array.of(0, 2, Number.NEGATIVE_INFINITY))).toBe(2);
});

test("seededRandom: mulberry32's published sequence", () => {
  const zero = seededRandom(0);
  expect([zero(), zero(), zero()]).toEqual([0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
  const largest = seededRandom(2 ** 32 - 1);
  expect([largest(), largest()]).toEqual([0.8964226141106337, 0.189478256739676]);
});

test("encodeNpy: the bytes that numpy.save writes", () => {
  const saved = readFileSync(new URL("../../test/fixtures/reduce/matrix.npy", import.meta.url));
  const matrix = { rows: 2, columns: 3, data: Float32Array.of(1.5, -2.25, 0, 3e-8, 65504, -0.125) };
  expect(Buffer.from(encodeNpy(matrix)).equals(saved)).toBe(true);
});
