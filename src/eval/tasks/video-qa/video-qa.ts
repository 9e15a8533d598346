import type { LoadedTask, Reference, Task, TaskOptions } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadVideoQa } from "./load.js";
import { answerMatches } from "./match.js";
import { videoPrompts } from "./prompts.js";
import { readPredictions } from "./read-predictions.js";
import {
  aggregateVideoQa,
  judgeVideoQa,
  type MatchName,
  type VideoQaVerdict,
  videoQaShares,
} from "./score.js";
import { activityNetQa, msrvttQa, msvdQa, type VideoQaSet } from "./set.js";

const options = [
  {
    name: "match",
    values: Object.keys(answerMatches) as MatchName[],
    help:
      "what is right in the headline: exact, the same text (ActivityNet-QA's eval.py); normalised, after VQA's " +
      "normaliser; contained, the answer's words stand in the prediction",
  },
  {
    name: "prompt",
    values: Object.keys(videoPrompts) as (keyof typeof videoPrompts)[],
    help: "video_llava: the question alone, 1024 tokens; lmms_eval: a sentence that asks for a single word or phrase, 64",
  },
  { name: "split", values: ["test", "val", "train"], help: "which of the official files" },
] as const;

function videoQaTask(set: VideoQaSet): Task<VideoQaVerdict> {
  return {
    name: set.name,
    title: set.title,
    headline: "accuracy by comparing texts, without a judge",
    options,
    load: (folder, given) => load(set, folder, given),
  };
}

async function load(
  set: VideoQaSet,
  folder: string,
  given?: TaskOptions,
): Promise<LoadedTask<VideoQaVerdict>> {
  const { match, prompt, split } = chooseOptions(options, given);
  const entries = await loadVideoQa(folder, set, split, videoPrompts[prompt as keyof typeof videoPrompts]);
  return {
    questions: entries.map(({ question }) => question),
    judge: (answers) => judgeVideoQa(entries, answers, match as MatchName),
    aggregate: aggregateVideoQa,
    shares: videoQaShares,
    references: new Map(
      entries.map(({ question: { id }, asked, answer }): [string, Reference] => [
        id,
        { question: asked, answer },
      ]),
    ),
    readResults: (path) => readPredictions(path, entries),
  };
}

/** Chen and Dolan 2011, questions of Xu et al. 2017. */
export const msvdQaTask = videoQaTask(msvdQa);
/** Xu et al. 2016, questions of Xu et al. 2017. */
export const msrvttQaTask = videoQaTask(msrvttQa);
/** Yu et al. 2019. */
export const activityNetQaTask = videoQaTask(activityNetQa);
