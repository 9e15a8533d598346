import { questionText } from "../generate/question-text.js";
import type { LoadedModel } from "../model/model.js";
import { askedReducer } from "../reduce/asked-reducer.js";
import { parseBudget, type Reducer } from "../reduce/index.js";
import type { Positions } from "../see/row-place.js";
import { defaultLimits } from "../serve/limits.js";
import { seeBytes } from "../serve/pictures/see-pictures.js";
import type { Remembered, SeenMemory } from "../serve/pictures/seen-memory.js";
import type { PrumergeCallOptions } from "./call-options.js";
import type { ReadPrompt } from "./read-prompt.js";

export interface Eyes {
  readonly model: LoadedModel;
  readonly memory: SeenMemory;
  readonly reducer: Reducer;
  readonly positions: Positions;
}

/** The pictures of a call as visual tokens: those of earlier turns out of memory. */
export async function seePrompt(
  { model, memory, reducer, positions }: Eyes,
  { messages, pictures }: ReadPrompt,
  call: PrumergeCallOptions,
  signal: AbortSignal,
): Promise<Remembered[]> {
  const sight = {
    ...{ model, memory, limits: defaultLimits, fetchPicture: undefined },
    ...{ defaultReducer: reducer, defaultBudget: undefined, defaultPositions: positions },
  };
  const request = {
    reducer: calledReducer(reducer, call),
    imageAspect: model.imageAspectFor({ pictures: pictures.length }),
    positions: call.positions ?? positions,
    question: questionText(messages),
    remember: true,
  };
  const seen: Remembered[] = [];
  for (const picture of pictures) seen.push(await seeBytes(sight, picture, request, signal));
  return seen;
}

/** @throws PrumergeError UNKNOWN_METHOD or INVALID_OPTION */
function calledReducer(
  defaultReducer: Reducer,
  { method, visualTokens, options }: PrumergeCallOptions,
): Reducer {
  const budget = visualTokens === undefined ? undefined : parseBudget(String(visualTokens));
  return askedReducer({ method, budget, options }, { defaultReducer });
}
