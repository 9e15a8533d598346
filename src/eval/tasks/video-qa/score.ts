import { meanCredit } from "../../scoring/mean-credit.js";
import type { Score, Scores, Share, Verdict } from "../../task.js";
import { activityNetTypes, isFree, printedFreeTypes } from "./activitynet-types.js";
import type { VideoQuestion } from "./load.js";
import { answerMatches } from "./match.js";

export type MatchName = keyof typeof answerMatches;
const matchNames = Object.keys(answerMatches) as readonly MatchName[];

/** One question. */
export interface VideoQaVerdict extends Verdict {
  /** By each of the rules; false without an answer. */
  readonly matches: Readonly<Record<MatchName, boolean>>;
  readonly type: number | undefined;
}

/** One verdict a question, in the order of the file; its credit is by the chosen rule. */
export function judgeVideoQa(
  entries: readonly VideoQuestion[],
  answers: ReadonlyMap<string, string>,
  chosen: MatchName,
): readonly VideoQaVerdict[] {
  return entries.map(({ question: { id, picture }, answer, type }) => {
    const text = answers.get(id);
    const matches = Object.fromEntries(
      matchNames.map((name) => [name, text !== undefined && answerMatches[name](text, answer)]),
    ) as Record<MatchName, boolean>;
    const groups =
      type === undefined ? [] : [...(isFree(type) ? ["free"] : []), `type/${activityNetTypes[type]}`];
    const credit = matches[chosen] ? 1 : 0;
    return { questions: [id], credit, groups, cluster: picture?.name, matches, type };
  });
}

const printed = "free-as-printed";
const matchScore = (name: MatchName) => `match/${name}`;

/**
 * Accuracy by the chosen rule as the headline, by each of the rules, and by ActivityNet-QA's types. Of its free questions both
 * figures: `free`, and `free-as-printed`, which the official program makes of another denominator.
 */
export function aggregateVideoQa(verdicts: readonly VideoQaVerdict[]): Scores {
  const { headline, scores } = meanCredit(verdicts);
  const matches = matchNames.map((name): Score => {
    const right = verdicts.filter((verdict) => verdict.matches[name]).length;
    return {
      name: matchScore(name),
      value: (100 * right) / Math.max(1, verdicts.length),
      unit: "percent",
      count: verdicts.length,
    };
  });
  return { headline, scores: [headline, ...matches, ...scores.slice(1), ...printedFree(verdicts)] };
}

/** None unless all nine types are there: the official program ends there. */
function printedFree(verdicts: readonly VideoQaVerdict[]): readonly Score[] {
  const types = verdicts.flatMap(({ type }) => (type === undefined ? [] : [type]));
  const firstSeen = [...new Set(types)];
  if (firstSeen.length < activityNetTypes.length) return [];
  const over = new Set(printedFreeTypes(firstSeen));
  const count = types.filter((type) => over.has(type)).length;
  const right = verdicts.filter(({ type, credit }) => isFree(type!) && credit === 1).length;
  return [{ name: printed, value: (100 * right) / count, unit: "percent", count }];
}

/** `free-as-printed` divides answers to some questions by others: it is no share, and has no interval. */
export function videoQaShares(score: string): readonly Share<VideoQaVerdict>[] | undefined {
  if (score === printed) return [];
  const name = matchNames.find((one) => matchScore(one) === score);
  if (name === undefined) return undefined;
  return [{ points: 100, right: ({ matches }) => (matches[name] ? 1 : 0), whole: () => 1 }];
}
