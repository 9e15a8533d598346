import type { Score, Scores, Verdict } from "../task.js";

interface Sum {
  credit: number;
  count: number;
}

/**
 * Accuracy over all verdicts, in percent, and over each group, groups by name. A score counts questions, not units.
 *
 * @param name of the score over all verdicts, the headline
 */
export function meanCredit(verdicts: readonly Verdict[], name = "overall"): Scores {
  const overall: Sum = { credit: 0, count: 0 };
  const groups = new Map<string, Sum>();
  for (const { credit, groups: names } of verdicts) {
    overall.credit += credit;
    overall.count++;
    for (const group of names) {
      const sum = groups.get(group);
      if (sum === undefined) groups.set(group, { credit, count: 1 });
      else {
        sum.credit += credit;
        sum.count++;
      }
    }
  }
  const byName = new Intl.Collator("en", { numeric: true }).compare;
  const headline = toScore(name, overall);
  const parts = [...groups].sort(([a], [b]) => byName(a, b)).map(([group, sum]) => toScore(group, sum));
  return { headline, scores: [headline, ...parts] };
}

function toScore(name: string, { credit, count }: Sum): Score {
  // Credit comes in tenths: a sum of whole tenths is exact, a sum of 0.3 is not.
  const tenths = Math.round(10 * credit);
  const exact = Math.abs(tenths - 10 * credit) < 1e-6 ? tenths / 10 : credit;
  return { name, value: count === 0 ? 0 : (100 * exact) / count, unit: "percent", count };
}
