import type { Score, Scores, Share, Verdict } from "../../task.js";
import type { MmeQuestion } from "./question.js";
import { type Ability, type Subtask, subtasks, subtasksOf } from "./subtasks.js";
import type { ReadYesNo } from "./yes-no.js";

/** Both questions about one picture. */
export interface PairVerdict extends Verdict {
  readonly subtask: Subtask;
  /** How many of the two are answered rightly. */
  readonly right: number;
}

/** One verdict a picture, in the order in which the pictures first come. */
export function judgePairs(
  questions: readonly MmeQuestion[],
  answers: ReadonlyMap<string, string>,
  read: ReadYesNo,
): readonly PairVerdict[] {
  const pairs = new Map<string, MmeQuestion[]>();
  for (const question of questions) {
    const pair = pairs.get(question.picture);
    if (pair === undefined) pairs.set(question.picture, [question]);
    else pair.push(question);
  }
  return [...pairs.values()].map((pair) => {
    const right = pair.filter(({ id, answer }) => {
      const text = answers.get(id);
      return text !== undefined && read(text) === answer;
    }).length;
    const { subtask } = pair[0];
    return {
      questions: pair.map(({ id }) => id),
      credit: right / 2,
      groups: [subtask.ability, `${subtask.ability}/${subtask.name}`],
      subtask,
      right,
    };
  });
}

/**
 * A subtask's score is its accuracy over questions plus that over pictures (`acc+`: both right), each in percent: 200 at
 * most. Perception and cognition are sums over their subtasks; 2000 and 800 at most where all fourteen are there, else
 * what is `possible`.
 */
export function mmeScores(verdicts: readonly PairVerdict[]): Scores {
  const parts = subtasks.flatMap((subtask) => {
    const pairs = verdicts.filter((verdict) => verdict.subtask.name === subtask.name);
    return pairs.length === 0 ? [] : [{ subtask, ...accuracies(pairs) }];
  });
  const sums = (Object.keys(subtasksOf) as Ability[]).flatMap((ability): Score[] => {
    const own = parts.filter(({ subtask }) => subtask.ability === ability);
    if (own.length === 0 && ability !== "perception") return [];
    const count = own.reduce((sum, part) => sum + part.count, 0);
    const value = own.reduce((sum, { acc, accPlus }) => sum + acc + accPlus, 0);
    const possible: Score = { name: `${ability}/possible`, value: 200 * own.length, unit: "points", count };
    const isWhole = own.length === subtasksOf[ability].length;
    return [{ name: ability, value, unit: "points", count }, ...(isWhole ? [] : [possible])];
  });
  const rest = parts.flatMap(({ subtask, acc, accPlus, count }): Score[] => {
    const name = `${subtask.ability}/${subtask.name}`;
    return [
      { name, value: acc + accPlus, unit: "points", count },
      { name: `${name}/acc`, value: acc, unit: "percent", count },
      { name: `${name}/acc+`, value: accPlus, unit: "percent", count },
    ];
  });
  return { headline: sums[0], scores: [...sums, ...rest] };
}

/** What a score of {@link mmeScores} is made of: accuracy, accuracy+, or both of each subtask that is there. */
export function mmeShares(score: string, verdicts: readonly PairVerdict[]): readonly Share<PairVerdict>[] {
  const there = new Set(verdicts.map(({ subtask }) => subtask.name));
  const [ability, name, part] = score.split("/");
  if (name === "possible") return [];
  return subtasks
    .filter((one) => one.ability === ability && there.has(one.name) && (name ?? one.name) === one.name)
    .flatMap((one) => {
      const pairs = ({ subtask }: PairVerdict) => (subtask.name === one.name ? 1 : 0);
      const acc = { points: 100, right: (pair: PairVerdict) => (pairs(pair) * pair.right) / 2, whole: pairs };
      const both = (pair: PairVerdict) => (pair.right === 2 ? pairs(pair) : 0);
      return [
        ...(part === "acc+" ? [] : [acc]),
        ...(part === "acc" ? [] : [{ points: 100, right: both, whole: pairs }]),
      ];
    });
}

function accuracies(pairs: readonly PairVerdict[]) {
  const right = pairs.reduce((sum, pair) => sum + pair.right, 0);
  const both = pairs.filter((pair) => pair.right === 2).length;
  const count = 2 * pairs.length;
  return { acc: (100 * right) / count, accPlus: (100 * both) / pairs.length, count };
}
