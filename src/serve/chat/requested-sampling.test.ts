import { describe, expect, it } from "vitest";
import { foldSeed } from "./requested-sampling.js";

describe("seeds", () => {
  it("of 32 bits stay as they are", () => {
    for (const seed of [0, 1, 7, 2 ** 31, 2 ** 32 - 1]) expect(foldSeed(seed)).toBe(seed);
  });

  it("of 64 bits become one of 32, always the same, and those next to each other differ", () => {
    const seeds = [-1, -2, -(2 ** 63), -(2 ** 53) + 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53 + 2, 2 ** 62];
    const folded = seeds.map(foldSeed);
    for (const seed of folded) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
    expect(new Set([...folded, 0, 1, 2 ** 32 - 1]).size).toBe(seeds.length + 3);
    expect(seeds.map(foldSeed)).toEqual(folded);
  });
});
