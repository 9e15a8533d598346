import { describe, expect, it } from "vitest";
import { normal95 } from "./interval.js";
import { holm, twoSided } from "./p-value.js";

describe("two-sided p-values", () => {
  it("are those of the normal distribution", () => {
    // Python 3.11: math.erfc(z / math.sqrt(2))
    const recorded: [number, number][] = [
      [0, 1],
      [0.1, 0.920344325445942],
      [1, 0.31731050786291415],
      [normal95, 0.05],
      [2.5, 0.012419330651552318],
      [2.8, 0.005110260660855874],
      [2.9, 0.003731626600768077],
      [5, 5.733031437583892e-7],
      [10, 1.5239706048321186e-23],
      [30, 9.813427854297528e-198],
    ];
    for (const [z, p] of recorded) {
      expect(Math.abs(twoSided(z) / p - 1)).toBeLessThan(1e-10);
      expect(twoSided(-z)).toBe(twoSided(z));
    }
    expect([twoSided(Number.NaN), twoSided(Number.POSITIVE_INFINITY)]).toEqual([1, 0]);
  });
});

describe("Holm's correction", () => {
  it("multiplies the smallest by their number, the next by one less, and keeps the order", () => {
    // R: p.adjust(c(0.01, 0.02, 0.03, 0.005), "holm") and the like
    const close = (given: number[], expected: number[]) =>
      expect(holm(given).map((one) => Math.round(1e12 * one) / 1e12)).toEqual(expected);
    close([0.01, 0.02, 0.03, 0.005], [0.03, 0.04, 0.04, 0.02]);
    close([0.04, 0.01], [0.04, 0.02]);
    close([0.5, 0.9, 0.6], [1, 1, 1]);
    expect(holm([])).toEqual([]);
    expect(holm([0.3])).toEqual([0.3]);
  });
});
