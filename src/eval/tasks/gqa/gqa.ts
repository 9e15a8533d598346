import { meanCredit } from "../../scoring/mean-credit.js";
import type { LoadedTask, Task, TaskOptions, Verdict } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadGqa } from "./load.js";
import { gqaRules } from "./rules.js";

const options = [
  {
    name: "scorer",
    values: Object.keys(gqaRules) as (keyof typeof gqaRules)[],
    help:
      "llava: periods at the end deleted, lower case, then equality; official: equality (eval.py alone); " +
      "lmms_eval: no case, no punctuation; vlmevalkit: no case, no space around",
  },
  {
    name: "tier",
    values: ["testdev_balanced", "val_balanced"],
    help: "which of the balanced question files",
  },
] as const;

/** GQA 1.2 (Hudson and Manning 2019), balanced questions. */
export const gqa: Task = {
  name: "gqa",
  title: "GQA",
  headline: "accuracy over the balanced questions",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask> {
  const { scorer, tier } = chooseOptions(options, given);
  const entries = await loadGqa(folder, tier);
  const isRight = gqaRules[scorer as keyof typeof gqaRules];
  return {
    questions: entries.map(({ question }) => question),
    judge: (answers) =>
      entries.map(({ question: { id, picture }, answer, groups }): Verdict => {
        const text = answers.get(id);
        const credit = text !== undefined && isRight(text, answer) ? 1 : 0;
        return { questions: [id], credit, groups, cluster: picture?.name };
      }),
    aggregate: (verdicts) => meanCredit(verdicts),
  };
}
