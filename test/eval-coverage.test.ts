import { describe, expect, it } from "vitest";
import { accuracy, coverageOf, difference, meanF1, perception } from "../bench/support/coverage.js";

/** `npm run bench -- coverage` has more of them, with more trials: docs/evaluate.md. */
describe("95 % intervals of evaluations hold the truth", () => {
  const situations = [
    ...[24, 100, 500].flatMap((count) =>
      [0.5, 0.9, 0.99, 1].flatMap((share) => [accuracy(share, count), accuracy(share, count, 5, 0.3)]),
    ),
    perception(
      "MME, four pairs of each subtask, 90 % right",
      () => 4,
      () => 0.9,
    ),
    perception(
      "MME, subtasks of one and of nine pairs",
      (i) => (i % 2 === 0 ? 1 : 9),
      (i) => 0.6 + 0.04 * i,
    ),
    meanF1(0.85, 24, false),
    meanF1(0.97, 60, true),
    difference(100, 0.9, 0.08, 0),
    difference(100, 0.7, 0.3, 0.05, 5),
    difference(24, 0.99, 0.005, 0.005),
  ];

  it.each(situations)("$name", (situation) => {
    // 400 trials of 95 % have a standard deviation of 1.1; Wilson's own interval holds 92.1 % where 99 % of 100 are right.
    expect(coverageOf(situation, 400).held).toBeGreaterThan(89.5);
  });
});
