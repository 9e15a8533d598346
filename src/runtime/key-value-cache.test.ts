import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactParts, plainParts } from "./cache-shape.js";
import { KeyValueCache, type NewRows } from "./key-value-cache.js";

const layers = 2;
const [heads, headDim] = [3, 4];
const shape = { layers, parts: plainParts(heads, headDim) };

/** What token `token` holds at one place; tells every place of every token of every layer apart. */
const keyAt = (layer: number, head: number, i: number, token: number) =>
  token + 1000 * (i + 10 * (head + 10 * layer));
const valueAt = (layer: number, head: number, i: number, token: number) =>
  -keyAt(layer, head, i, token) - 0.5;

function rowsOf(first: number, rows: number): NewRows[] {
  return Array.from({ length: layers }, (_, layer) => {
    const key = new Float32Array(heads * headDim * rows);
    const value = new Float32Array(heads * rows * headDim);
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < headDim; i++) {
          key[(head * headDim + i) * rows + row] = keyAt(layer, head, i, first + row);
          value[(head * rows + row) * headDim + i] = valueAt(layer, head, i, first + row);
        }
      }
    }
    return [key, value];
  });
}

function expectTokens(cache: KeyValueCache, tokens: readonly number[]): void {
  expect(cache.length).toBe(tokens.length);
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < headDim; i++) {
        for (const [at, token] of tokens.entries()) {
          const key = cache.arrays[layer]![0]![(head * headDim + i) * cache.capacity + at];
          const value = cache.arrays[layer]![1]![(head * cache.capacity + at) * headDim + i];
          if (key !== keyAt(layer, head, i, token) || value !== valueAt(layer, head, i, token)) {
            expect.fail(`token ${token} is not at ${at} of layer ${layer}, head ${head}`);
          }
        }
      }
    }
  }
}

describe("KeyValueCache", () => {
  it("takes nothing while it is empty", () => {
    const cache = new KeyValueCache(shape);
    expect(cache.capacity).toBe(0);
    expect(cache.allocatedBytes).toBe(0);
    expect(cache.fork().allocatedBytes).toBe(0);
  });

  it("holds what was appended, whatever was cut off or forked in between", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), rows: fc.integer({ min: 1, max: 90 }) }),
      fc.record({
        kind: fc.constant("truncate" as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ kind: fc.constant("fork" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let cache = new KeyValueCache(shape);
        let tokens: number[] = [];
        let next = 0;
        for (const one of steps) {
          if (one.kind === "append") {
            cache.append(rowsOf(next, one.rows), one.rows);
            tokens = [...tokens, ...Array.from({ length: one.rows }, () => next++)];
          } else if (one.kind === "truncate") {
            tokens = tokens.slice(0, Math.floor(one.share * tokens.length));
            cache.truncate(tokens.length);
          } else {
            const original = cache;
            cache = cache.fork();
            original.append(rowsOf(500, 1), 1); // must not show in the copy
          }
          expectTokens(cache, tokens);
          expect(cache.usedBytes).toBe(tokens.length * 2 * 2 * 3 * 4 * 4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gives room back once a long sequence was cut short", () => {
    const cache = new KeyValueCache(shape);
    cache.append(rowsOf(0, 616), 616);
    cache.truncate(100);
    cache.append(rowsOf(100, 1), 1);
    expect(cache.capacity).toBe(128);
    expectTokens(
      cache,
      Array.from({ length: 101 }, (_, token) => token),
    );
  });

  it("stays tight, and grows by steps that leave room for the next token", () => {
    const cache = new KeyValueCache(shape);
    cache.append(rowsOf(0, 616), 616);
    expect(cache.capacity).toBe(616);
    cache.append(rowsOf(616, 1), 1);
    const { version } = cache;
    expect(cache.capacity).toBeGreaterThan(617);
    expect(cache.capacity).toBeLessThanOrEqual(617 + 64);
    for (let token = 617; token < cache.capacity; token++) cache.append(rowsOf(token, 1), 1);
    expect(cache.version).toBe(version);
    cache.append(rowsOf(cache.length, 1), 1);
    expect(cache.version).toBe(version + 1);
    expectTokens(
      cache,
      Array.from({ length: cache.length }, (_, token) => token),
    );
  });

  it("keeps the room that a cut sequence may still want, to the last slot", () => {
    const spare = (cutTo: number) => {
      const cache = new KeyValueCache(shape);
      cache.append(rowsOf(0, 448), 448);
      cache.truncate(cutTo);
      cache.append(rowsOf(cutTo, 1), 1);
      return cache.capacity;
    };
    expect(spare(128)).toBe(448); // 192 are wanted, and four steps of 64 may be spare
    expect(spare(126)).toBe(128);
  });

  it("gives the arrays that it leaves back at once, and everything when it is cleared", () => {
    const cache = new KeyValueCache(shape);
    cache.append(rowsOf(0, 5), 5);
    const first = cache.arrays.flat();
    cache.append(rowsOf(5, 1), 1);
    const second = cache.arrays.flat();
    expect(first.map((array) => array.length)).toEqual([0, 0, 0, 0]);
    cache.clear();
    expect(second.map((array) => array.length)).toEqual([0, 0, 0, 0]);
    expect([cache.length, cache.capacity, cache.usedBytes, cache.allocatedBytes]).toEqual([0, 0, 0, 0]);
    cache.append(rowsOf(0, 2), 2);
    expectTokens(cache, [0, 1]);
  });

  it("has a version of its own for every set of arrays", () => {
    const cache = new KeyValueCache(shape);
    const versions = [cache.version];
    for (const rows of [3, 1, 100]) {
      cache.append(rowsOf(cache.length, rows), rows);
      versions.push(cache.version);
    }
    cache.clear();
    versions.push(cache.version);
    expect(new Set(versions).size).toBe(5);
  });

  it("has memory for a run's new rows, of its shape", () => {
    const cache = new KeyValueCache(shape);
    const rows = cache.emptyRows(5);
    expect(rows.map((parts) => parts.map((part) => part.length))).toEqual([
      [60, 60],
      [60, 60],
    ]);
    expect(new Set(rows.flat()).size).toBe(4);
  });

  it("holds keys and values in 8 bits with their scales, in less than a third of the memory", () => {
    const width = 64;
    const cache = new KeyValueCache({ layers: 1, parts: compactParts(2, width) });
    const token = (at: number): NewRows[] => [
      [
        new Int8Array(2 * width).fill(at),
        new Int8Array(2 * width).fill(-at),
        Float32Array.of(at / 2, at / 3),
        Float32Array.of(at / 5, at / 7),
      ],
    ];
    for (let at = 0; at < 70; at++) cache.append(token(at), 1);
    const copy = cache.fork(66);
    for (const held of [cache, copy]) {
      const { capacity } = held;
      const [keys, values, keyScales, valueScales] = held.arrays[0]!;
      for (let at = 0; at < held.length; at++) {
        expect([keys![at], keys![(2 * width - 1) * capacity + at]]).toEqual([at, at]);
        const last = (capacity + at + 1) * width - 1;
        expect([values![at * width], values![last]]).toEqual(at === 0 ? [0, 0] : [-at, -at]);
        expect([keyScales![at], keyScales![capacity + at]]).toEqual([at / 2, Math.fround(at / 3)]);
        expect(valueScales![capacity + at]).toBe(Math.fround(at / 7));
      }
    }
    expect(keysAre(cache)).toBe("Int8Array");
    expect(cache.usedBytes).toBe(70 * 2 * 2 * (width + 4));
    expect(copy.allocatedBytes).toBe(66 * 2 * 2 * (width + 4));
  });
});

const keysAre = ({ arrays }: KeyValueCache) => arrays[0]![0]!.constructor.name;
