import { matchNextQa } from "../../choices/mmmu.js";
import { meanCredit } from "../../scoring/mean-credit.js";
import type { LoadedTask, Scores, Share, Task, TaskOptions, Verdict } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadNextQa, nextQaTypes } from "./load.js";

const options = [
  { name: "split", values: ["test", "val", "train"], help: "which of the official files" },
] as const;

/** One question. */
export interface NextQaVerdict extends Verdict {
  /** Whether it has an answer in which no letter was found. */
  readonly isUndecided: boolean;
}

/** NExT-QA (Xiao et al. 2021), multiple choice, scored as lmms-eval does. */
export const nextqa: Task<NextQaVerdict> = {
  name: "nextqa",
  title: "NExT-QA",
  headline: "accuracy of the chosen letters",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask<NextQaVerdict>> {
  const { split } = chooseOptions(options, given);
  const entries = await loadNextQa(folder, split);
  return {
    questions: entries.map(({ question }) => question),
    judge: (answers) =>
      entries.map(({ question: { id, picture }, choices, letter, type }) => {
        const text = answers.get(id);
        const chosen = text === undefined ? undefined : matchNextQa(text, choices);
        const [coarse] = nextQaTypes[type].split("/");
        return {
          questions: [id],
          credit: chosen === letter ? 1 : 0,
          groups: [coarse!, nextQaTypes[type]],
          cluster: picture?.name,
          isUndecided: text !== undefined && chosen === undefined,
        };
      }),
    aggregate,
    shares: (score) => (score === undecided ? [undecidedShare] : undefined),
  };
}

/** Answers without a letter: wrong here, drawn at random by the official code. */
const undecided = "no-letter-found";
const undecidedShare: Share<NextQaVerdict> = {
  points: 100,
  right: ({ isUndecided }) => (isUndecided ? 1 : 0),
  whole: () => 1,
};

function aggregate(verdicts: readonly NextQaVerdict[]): Scores {
  const { headline, scores } = meanCredit(verdicts);
  const count = verdicts.length;
  const share = (100 * verdicts.filter(({ isUndecided }) => isUndecided).length) / Math.max(1, count);
  return { headline, scores: [...scores, { name: undecided, value: share, unit: "percent", count }] };
}
