import type { AnsweredSet } from "../run/final-files.js";
import { runFiles } from "../run/run-folder.js";
import { writeJson } from "../run/write-whole.js";
import { type JudgedSets, type JudgeSettings, judgeSets } from "./judge-sets.js";

/**
 * Has a run's answers judged: every judgement goes to `judgements.jsonl` in its folder, what the judge says in sum to `judged.json`.
 * It stands in no score: those are the benchmark's own.
 *
 * @throws as {@link judgeSets}
 */
export async function judgeRun(
  folder: string,
  answered: readonly AnsweredSet[],
  settings: JudgeSettings,
): Promise<JudgedSets> {
  const sets = answered.flatMap(({ task: { task, loaded, questions }, configuration, answers }) => {
    const { references } = loaded;
    return references === undefined
      ? []
      : [{ task: task.name, configuration, questions, references, answers }];
  });
  const judged = await judgeSets(sets, runFiles.judgements(folder), settings);
  await writeJson(runFiles.judged(folder), { format: 1, ...judged });
  return judged;
}
