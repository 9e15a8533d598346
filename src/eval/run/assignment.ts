import { createHash } from "node:crypto";
import type { Aspect } from "../../image/preprocess-spec.js";
import type { OtherForms } from "../../models/language-forms.js";
import type { TaskPicture } from "../task.js";
import type { Configuration } from "./run-folder.js";

/** A question with the hash of everything that decides its answer. */
export interface AskedQuestion {
  readonly id: string;
  /** Of the user's turn, without the picture's place. */
  readonly text: string;
  readonly maxNewTokens: number;
  readonly key: string;
}

/** A picture whose bytes are known. */
export interface HashedPicture {
  readonly source: TaskPicture;
  readonly sha256: string;
}

/** The unit of work: questions about one picture under one configuration; they share its encoding and its prefix. */
export interface Assignment {
  readonly task: string;
  readonly configuration: Configuration;
  readonly picture: HashedPicture | null;
  readonly questions: readonly AskedQuestion[];
}

/** How a run's pictures are shown; null, or left out, is the model's own way. */
export interface ShownPictures {
  readonly imageAspect: Aspect | null;
  /** Of a model that takes pictures of any size. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/** What decides an answer beside question, picture and method; all questions of a run share it. */
export interface Conditions extends ShownPictures, OtherForms {
  /** Of the model's files. */
  readonly model: string;
  readonly versions: { readonly prumerge: string; readonly onnxruntime: string };
  readonly prompt: string;
  readonly device: string;
}

/**
 * The key of an answer: sha256 over everything that decides it. Two questions of equal text and picture have keys of
 * their own, since task and id are part of it.
 */
export function answerKey(
  conditions: Conditions,
  task: string,
  { method, options, positions, module }: Configuration,
  picture: string | null,
  question: Omit<AskedQuestion, "key">,
): string {
  const { model, versions, prompt, device, imageAspect, cache, prefill, minPixels, maxPixels } = conditions;
  const parts = [
    [
      ...[model, versions.prumerge, versions.onnxruntime, prompt, device, imageAspect],
      ...(cache === undefined ? [] : [{ cache }]),
      ...(prefill === undefined ? [] : [{ prefill }]),
      // Keys of runs at the model's own limits stay what they were.
      ...(minPixels === undefined && maxPixels === undefined ? [] : [{ minPixels, maxPixels }]),
    ],
    [
      method,
      Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)),
      ...(positions === undefined ? [] : [positions]),
      ...(module === undefined ? [] : [{ module: module.sha256 }]),
    ],
    [task, question.id, question.text, picture],
    ["greedy", question.maxNewTokens],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
