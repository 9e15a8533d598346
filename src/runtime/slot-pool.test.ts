import { describe, expect, it } from "vitest";
import { plainParts } from "./cache-shape.js";
import { KeyValueCache } from "./key-value-cache.js";
import { SlotPool } from "./slot-pool.js";

const [heads, headDim] = [2, 3];
const shape = { layers: 2, parts: plainParts(heads, headDim) };
const perToken = shape.layers * 2 * heads * headDim * 4;

/** A cache of tokens that are told apart by `first`. */
function cacheOf(first: number, tokens: number): KeyValueCache {
  const cache = new KeyValueCache(shape);
  for (let token = 0; token < tokens; token++) add(cache, first + token);
  return cache;
}

function add(cache: KeyValueCache, token: number): void {
  const row = () => new Float32Array(heads * headDim).fill(token);
  cache.append(
    Array.from({ length: shape.layers }, () => [row(), row()]),
    1,
  );
}

/** The tokens that a cache holds, by the last layer's last head's value. */
function tokens(cache: KeyValueCache): number[] {
  const { capacity } = cache;
  return Array.from(
    { length: cache.length },
    (_, at) => cache.arrays.at(-1)![1]![(capacity + at) * headDim]!,
  );
}

const upTo = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

describe("SlotPool", () => {
  it("has the caches side by side, and each goes on in its slot", () => {
    const pool = new SlotPool(shape, 4, () => 2 ** 20);
    const caches = [cacheOf(100, 3), cacheOf(200, 70), cacheOf(300, 1)];
    const seats = pool.seat(caches);
    expect(new Set(seats)).toEqual(new Set(caches));
    expect(pool.capacity).toBe(128);
    for (const [slot, cache] of seats.entries()) {
      add(cache, 7);
      const [, values] = pool.arrays(1, 3);
      const at = slot * heads * 128 * headDim + (cache.length - 1) * headDim;
      expect(values![at]).toBe(7);
    }
    expect(tokens(caches[1]!)).toEqual([...upTo(200, 70), 7]);
    const { version } = pool;
    expect(pool.seat(caches)).toEqual(seats);
    expect(pool.version).toBe(version);
  });

  it("moves those that are left into the first slots, and others out whole", () => {
    const pool = new SlotPool(shape, 3, () => 2 ** 20);
    const [a, b, c] = [cacheOf(100, 3), cacheOf(200, 4), cacheOf(300, 5)];
    const [, , last] = pool.seat([a!, b!, c!]);
    expect(pool.seat([last!])).toEqual([last]);
    const others = [a, b, c].filter((one) => one !== last);
    expect([...others, last].map((one) => tokens(one!).length).sort()).toEqual([3, 4, 5]);
    for (const [cache, first, length] of [
      [a, 100, 3],
      [b, 200, 4],
      [c, 300, 5],
    ] as const)
      expect(tokens(cache!)).toEqual(upTo(first, length));
    const d = cacheOf(400, 2);
    const fork = last!.fork();
    pool.seat([d, last!]);
    add(last!, 1);
    add(d, 2);
    expect(tokens(d)).toEqual([400, 401, 2]);
    expect(tokens(last!)).toEqual([...tokens(fork), 1]);
  });

  it("grows with the longest, is laid out anew where that has gone, and forgets who was released or outgrew it", () => {
    const pool = new SlotPool(shape, 3, () => 2 ** 20);
    const [long, short] = [cacheOf(100, 63), cacheOf(200, 4)];
    pool.seat([long!, short!]);
    add(long!, 1);
    expect(pool.holds(long!)).toBe(true);
    add(long!, 2); // beyond the capacity
    expect(pool.holds(long!)).toBe(false);
    pool.seat([long!, short!]);
    expect(pool.capacity).toBe(128);
    expect(tokens(long!)).toEqual([...upTo(100, 63), 1, 2]);
    for (let token = 0; token < 100; token++) add(long!, token);
    pool.seat([long!, short!]);
    expect(pool.capacity).toBe(192);
    long!.clear();
    expect(pool.holds(long!)).toBe(false);
    pool.seat([short!, cacheOf(300, 2)]);
    expect(pool.capacity).toBe(64);
    expect(tokens(short!)).toEqual(upTo(200, 4));
    pool.clear();
    expect([pool.allocatedBytes, pool.holds(short!)]).toEqual([0, false]);
    expect(tokens(short!)).toEqual(upTo(200, 4));
  });

  it("has room for as many as its bytes allow, at the length of the longest", () => {
    let bytes = 3 * 64 * perToken;
    const pool = new SlotPool(shape, 8, () => bytes);
    expect([1, 63, 64, 127, 128, 200].map((length) => pool.roomFor(length))).toEqual([3, 3, 1, 1, 1, 0]);
    pool.seat([cacheOf(1, 3), cacheOf(2, 3)]);
    expect(pool.allocatedBytes).toBeLessThanOrEqual(bytes + 64 * 4 * 3);
    bytes = 0;
    expect(pool.roomFor(1)).toBe(0);
    expect(new SlotPool(shape, 2, () => 2 ** 20).roomFor(1)).toBe(2);
  });
});
