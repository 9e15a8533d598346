import type { Score, Scores, Verdict } from "../../task.js";
import type { PopeRule, Said } from "./rules.js";

/** POPE's three files. */
export const categories = ["random", "popular", "adversarial"] as const;
export type Category = (typeof categories)[number];

/** One question's outcome. */
export interface PopeVerdict extends Verdict {
  readonly label: "yes" | "no";
  readonly said: Said;
}

/** How many answers of each kind there are. */
interface Counts {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  /** "Yes" questions that were answered "no". */
  falseNegatives: number;
  yesLabels: number;
  total: number;
}

export type Measure = "f1" | "accuracy" | "precision" | "recall" | "yes-ratio";

/**
 * Scores of each file, their mean and the pot of all, in percent. Where POPE's program divides by zero (nobody said "yes"),
 * the score is 0.
 */
export function aggregatePope(verdicts: readonly PopeVerdict[], rule: PopeRule): Scores {
  const counts = { random: newCounts(), popular: newCounts(), adversarial: newCounts() };
  for (const verdict of verdicts) add(counts[verdict.groups[0] as Category], verdict);
  const present = categories
    .filter((name) => counts[name].total > 0)
    .map((name) => ({ name, scores: measure(counts[name], rule) }));
  const total = verdicts.length;
  const score = (name: string, value: number, count: number): Score => ({
    name,
    value: 100 * value,
    unit: "percent",
    count,
  });
  const mean = (of: Measure) =>
    present.reduce((added, { scores }) => added + scores[of], 0) / Math.max(1, present.length);
  const pooled = measure(sum(categories.map((name) => counts[name])), rule);
  const means = [score("mean/f1", mean("f1"), total), score("mean/accuracy", mean("accuracy"), total)];
  const pot = list(pooled).map(([name, value]) => score(`pooled/${name}`, value, total));
  const files = present.flatMap(({ name, scores }) =>
    list(scores).map(([of, value]) => score(`${name}/${of}`, value, counts[name].total)),
  );
  return { headline: rule.headline === "mean" ? means[0] : pot[0], scores: [...means, ...files, ...pot] };
}

function newCounts(): Counts {
  return {
    truePositives: 0,
    falsePositives: 0,
    trueNegatives: 0,
    falseNegatives: 0,
    yesLabels: 0,
    total: 0,
  };
}

function add(counts: Counts, { label, said }: PopeVerdict): void {
  counts.total++;
  if (label === "yes") counts.yesLabels++;
  if (said === "yes") counts[label === "yes" ? "truePositives" : "falsePositives"]++;
  if (said === "no") counts[label === "no" ? "trueNegatives" : "falseNegatives"]++;
}

function sum(parts: readonly Counts[]): Counts {
  const all = newCounts();
  for (const part of parts) for (const key of Object.keys(all) as (keyof Counts)[]) all[key] += part[key];
  return all;
}

function measure(counts: Counts, { othersAreMissed, yesRatioOf }: PopeRule): Record<Measure, number> {
  const { truePositives, falsePositives, trueNegatives, falseNegatives, yesLabels, total } = counts;
  const missed = othersAreMissed ? yesLabels - truePositives : falseNegatives;
  const saidYes = truePositives + falsePositives;
  const precision = ratio(truePositives, saidYes);
  const recall = ratio(truePositives, truePositives + missed);
  return {
    f1: ratio(2 * precision * recall, precision + recall),
    accuracy: ratio(truePositives + trueNegatives, total),
    precision,
    recall,
    "yes-ratio": ratio(yesRatioOf === "labels" ? yesLabels : saidYes, total),
  };
}

function list(scores: Record<Measure, number>): [string, number][] {
  return Object.entries(scores);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
