import type { VisualTokens } from "../see/visual-tokens.js";
import type { AnswerOptions } from "./answer-options.js";
import type { AnswerResult } from "./answer-result.js";
import type { Question } from "./messages.js";
import { type AnswerContext, runAnswer } from "./run-answer.js";
import { TextQueue } from "./text-queue.js";

/** An answer under way: iterate over its text as it comes, or await `result`, or both. */
export interface Answer extends AsyncIterable<string> {
  readonly result: Promise<AnswerResult>;
}

/** Starts at once, whether or not anyone listens. Leaving the iteration early aborts the answer. */
export function startAnswer(
  context: AnswerContext,
  pictures: readonly VisualTokens[],
  question: Question,
  options: AnswerOptions,
): Answer {
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  const queue = new TextQueue(() => left.abort());
  const result = runAnswer(context, pictures, question, options, signal, queue);
  result.then(
    () => queue.end(),
    (reason) => queue.fail(reason),
  );
  return { result, [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() };
}
