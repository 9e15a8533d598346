import { PrumergeError } from "../../../errors.js";
import { meanCredit } from "../../scoring/mean-credit.js";
import { normaliseM4c } from "../../scoring/vqa-normalise.js";
import type { LoadedTask, Task, TaskOptions, Verdict } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadVqa } from "./load.js";
import { vqaRules } from "./rules.js";

const options = [
  {
    name: "scorer",
    values: Object.keys(vqaRules) as (keyof typeof vqaRules)[],
    help:
      "always: both sides are normalised; strict_vqaeval_2021: vqaEval.py a013f00, not where all ten people agree; " +
      "vqaeval_before_2021: vqaEval.py 458a8b2; m4c, lmms_eval, vlmevalkit: as those score",
  },
  {
    name: "predictions",
    values: ["as_given", "llava_submission"],
    help: "llava_submission: first through M4C's normaliser, as LLaVA does before it uploads (possessives lose credit)",
  },
  {
    name: "split",
    values: ["val2014", "test-dev2015"],
    help: "test-dev2015 can be answered, but only the challenge's server has its labels",
  },
] as const;

/** VQA v2.0 (Goyal et al. 2017). */
export const vqav2: Task = {
  name: "vqav2",
  title: "VQAv2",
  headline: "accuracy against ten people's answers",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask> {
  const { scorer, predictions, split } = chooseOptions(options, given);
  const { questions, annotations } = await loadVqa(folder, split);
  const prepare = predictions === "llava_submission" ? normaliseM4c : (text: string) => text;
  return {
    questions,
    judge(answers) {
      if (annotations === undefined) {
        throw new PrumergeError("NO_LABELS", "this split has no public labels", {
          where: `split=${split}`,
          help: "Upload the answers to the challenge's server, or score split=val2014.",
        });
      }
      const credit = vqaRules[scorer as keyof typeof vqaRules]();
      return questions.map(({ id, picture }): Verdict => {
        const { answers: people, groups } = annotations.get(id)!;
        const text = answers.get(id);
        return {
          questions: [id],
          credit: text === undefined ? 0 : credit(prepare(text), people),
          groups,
          cluster: picture?.name,
        };
      });
    },
    aggregate: (verdicts) => meanCredit(verdicts),
  };
}
