import { PrumergeError } from "../errors.js";
import type { AnswerOptions } from "../generate/answer-options.js";
import type { AnswerResult } from "../generate/answer-result.js";
import type { Question } from "../generate/messages.js";
import { questionText } from "../generate/question-text.js";
import type { Reducer } from "../reduce/reducer.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { Video } from "../video/video.js";
import type { LoadedModel } from "./model.js";
import type { ImageInput } from "./model-input.js";
import type { SeeOptions } from "./see-options.js";

/** What one reducer's visual tokens are, and what the model answers from them. */
export interface ComparedAnswer {
  readonly reducer: Reducer;
  /** One for each picture. */
  readonly seen: readonly VisualTokens[];
  readonly result: AnswerResult;
}

/** Options of {@link compareReducers}, for every run of it. */
export interface ComparisonOptions {
  /** `question`: default what is asked. */
  readonly see?: SeeOptions;
  /** No run profits from another's key/value cache, so `reusePrefix` is no choice. */
  readonly answer?: Omit<AnswerOptions, "reusePrefix">;
}

/**
 * Answers one question with several reducers, one after another, so that their times can be compared. The first run of a
 * session is slower than those after it: one untimed round with the last reducer goes ahead, and no run profits from
 * another's key/value cache.
 *
 * @param pictures as many as the question has places for
 * @param question also what reducers read that read it, but where it is a prompt written out: then `see.question` is
 * @param reducers at least one
 * @returns in the order of `reducers`; an answer that the signal ended holds the text that it had
 * @throws PrumergeError INVALID_OPTION without a reducer, and whatever `see` and `answer` throw
 *
 * @example
 * ```ts
 * const [unreduced, reduced] = await compareReducers(model, ["table.png"], "What is on the table?", [
 *   noReduction(),
 *   pruMergePlus({ tokens: 64 }),
 * ]);
 * console.log(unreduced.result.timings.firstToken / reduced.result.timings.firstToken);
 * ```
 */
export async function compareReducers<Source = ImageInput>(
  model: LoadedModel<Source>,
  pictures: readonly (Source | Video)[],
  question: Question,
  reducers: readonly Reducer[],
  { see: wish, answer }: ComparisonOptions = {},
): Promise<ComparedAnswer[]> {
  const text = questionText(question);
  const see = { ...(text !== undefined && { question: text }), ...wish };
  const warmUp = reducers.at(-1);
  if (warmUp === undefined) {
    throw new PrumergeError("INVALID_OPTION", "there is nothing to compare", {
      where: "reducers",
      expected: "at least one reducer",
      found: "none",
    });
  }
  const options: AnswerOptions = { ...answer, reusePrefix: false };
  const warm = await model.see(pictures, warmUp, see);
  await model.answer(warm, question, { ...options, maxNewTokens: 1 }).result;
  const compared: ComparedAnswer[] = [];
  for (const reducer of reducers) {
    const seen = await model.see(pictures, reducer, see);
    compared.push({ reducer, seen, result: await model.answer(seen, question, options).result });
  }
  return compared;
}
