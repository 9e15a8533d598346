import type { BenchResult } from "./result.js";
import { accuracy, coverageOf, difference, meanF1, perception, type Situation } from "./support/coverage.js";

const trials = 4000;
/** Pairs of MME's ten perception subtasks, as many as there are. */
const mmePairs = [30, 30, 30, 30, 147, 170, 200, 200, 200, 20];

/** How often the 95 % intervals of evaluations hold the truth, on made-up questions of which it is known. */
export async function run(): Promise<BenchResult[]> {
  const shares = [0.5, 0.9, 0.99, 1];
  const counts = [24, 100, 500];
  const designs = [
    [1, 0],
    [5, 0.3],
    [5, 1],
    [18, 0.1],
  ] as const;
  const situations: Situation[] = [
    ...designs.flatMap(([perPicture, together]) =>
      counts.flatMap((count) => shares.map((share) => accuracy(share, count, perPicture, together))),
    ),
    ...shares.flatMap((share) => [
      perception(
        `MME, one pair of eight subtasks, ${100 * share} % right`,
        (i) => Number(i > 1),
        () => share,
      ),
      perception(
        `MME whole, ${100 * share} % right`,
        (i) => mmePairs[i]!,
        () => share,
      ),
    ]),
    perception(
      "MME whole, subtasks from 50 to 95 % right",
      (i) => mmePairs[i]!,
      (i) => 0.5 + 0.05 * i,
    ),
    ...[0.5, 0.85, 0.97, 1].flatMap((share) => [
      meanF1(share, 24, false),
      meanF1(share, 100, true),
      meanF1(share, 500, true),
    ]),
    ...[1, 5].flatMap((perPicture) =>
      counts.flatMap((count) => [
        difference(count, 0.5, 0.1, 0.1, perPicture),
        difference(count, 0.9, 0.08, 0, perPicture),
        difference(count, 0.7, 0.3, 0.05, perPicture),
        difference(count, 0.99, 0.005, 0.005, perPicture),
        difference(count, 1, 0, 0, perPicture),
      ]),
    ),
  ];
  return situations.map((situation) => {
    const { held, width } = coverageOf(situation, trials);
    return {
      name: situation.name,
      median: held,
      unit: "%",
      notes: `of ${trials} intervals hold the truth; nominal 95; mean width ${width.toFixed(1)}`,
    };
  });
}
