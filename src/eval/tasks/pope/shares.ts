import type { Share } from "../../task.js";
import type { PopeRule } from "./rules.js";
import { type Category, categories, type Measure, type PopeVerdict } from "./score.js";

/** What a score of `aggregatePope` is made of: `mean/f1`, `random/recall`, `pooled/accuracy`. */
export function popeShares(
  score: string,
  verdicts: readonly PopeVerdict[],
  rule: PopeRule,
): readonly Share<PopeVerdict>[] {
  const [files, of] = score.split("/") as [Category | "mean" | "pooled", Measure];
  // A ratio of the labels says nothing about the answers.
  if (of === "yes-ratio" && rule.yesRatioOf === "labels") return [];
  const share = (points: number, isIn: (verdict: PopeVerdict) => boolean): Share<PopeVerdict> => {
    const inside = (count: (verdict: PopeVerdict) => number) => (one: PopeVerdict) =>
      isIn(one) ? count(one) : 0;
    const { right, whole, loss = whole, gain = whole } = measures(rule)[of];
    return { points, right: inside(right), whole: inside(whole), loss: inside(loss), gain: inside(gain) };
  };
  if (files === "pooled") return [share(100, () => true)];
  const there = categories.filter((name) => verdicts.some(({ groups }) => groups[0] === name));
  const wanted = files === "mean" ? there : [files];
  return wanted.map((name) => share(100 / wanted.length, ({ groups }) => groups[0] === name));
}

/**
 * Each measure as a share. F1 is 2 TP / (2 TP + FP + FN): an error adds one below the line, and a "yes" that is found two on
 * both sides. Which "yes" are missed is the rule's word.
 */
function measures({
  othersAreMissed,
}: PopeRule): Readonly<Record<Measure, Omit<Share<PopeVerdict>, "points">>> {
  const found = ({ label, said }: PopeVerdict) => Number(label === "yes" && said === "yes");
  const wrongYes = ({ label, said }: PopeVerdict) => Number(label === "no" && said === "yes");
  const missed = ({ label, said }: PopeVerdict) =>
    Number(label === "yes" && (said === "no" || (said === "other" && othersAreMissed)));
  const isYes = ({ label }: PopeVerdict) => Number(label === "yes");
  const isNo = ({ label }: PopeVerdict) => Number(label === "no");
  const one = () => 1;
  return {
    accuracy: { right: ({ label, said }) => Number(label === said), whole: one },
    precision: { right: found, whole: (it) => found(it) + wrongYes(it), loss: isNo, gain: isYes },
    recall: { right: found, whole: (it) => found(it) + missed(it), loss: isYes, gain: isYes },
    f1: {
      right: (it) => 2 * found(it),
      whole: (it) => 2 * found(it) + wrongYes(it) + missed(it),
      loss: one,
      gain: (it) => 2 * isYes(it),
    },
    "yes-ratio": { right: ({ said }) => Number(said === "yes"), whole: one },
  };
}
