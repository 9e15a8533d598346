import type { LoadedTask, Task, TaskOptions } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadPope } from "./load.js";
import { readPopeResults } from "./results.js";
import { popeRules } from "./rules.js";
import { aggregatePope, type PopeVerdict } from "./score.js";
import { popeShares } from "./shares.js";

const options = [
  {
    name: "scorer",
    values: Object.keys(popeRules) as (keyof typeof popeRules)[],
    help:
      "official: a word No, not or no in the first sentence is a no, all else a yes; lmms_eval: the whole answer is yes or " +
      "no, all questions in one pot; vlmevalkit: one of the two words, all questions in one pot",
  },
] as const;

/** POPE (Li et al. 2023), the three COCO files. */
export const pope: Task<PopeVerdict> = {
  name: "pope",
  title: "POPE",
  headline: "mean of the three F1 scores",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask<PopeVerdict>> {
  const { scorer } = chooseOptions(options, given);
  const rule = popeRules[scorer as keyof typeof popeRules];
  const entries = await loadPope(folder);
  return {
    questions: entries.map(({ question }) => question),
    judge: (answers) =>
      entries.map(({ question: { id, picture }, category, label }) => {
        const text = answers.get(id);
        const opposite = label === "yes" ? "no" : "yes";
        const said = text === undefined ? opposite : rule.read(text);
        const credit = said === label ? 1 : 0;
        return { questions: [id], credit, groups: [category], cluster: picture?.name, label, said };
      }),
    aggregate: (verdicts) => aggregatePope(verdicts, rule),
    shares: (score, verdicts) => popeShares(score, verdicts, rule),
    readResults: (path) => readPopeResults(path, entries),
  };
}
