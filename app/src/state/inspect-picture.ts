import { createInspection, type Inspection } from "prumerge/drawing";
import { classAttention, planRows, readsQuestion, rowRoom } from "prumerge/reduce";
import type { ModelInfo, Reduction, SeenPicture } from "../backend/model-backend.js";
import { reducerOf } from "../backend/reducer-of.js";
import { errorText } from "./error-text.js";

/** What there is to draw of a picture, or why there is nothing. */
export interface Inspected {
  readonly inspection?: Inspection;
  readonly failure?: string;
}

/** What a method makes of a picture, worked out here and now: only its signals came from the model. */
export function inspectPicture(
  seen: SeenPicture,
  name: string,
  reduction: Reduction,
  model: ModelInfo,
): Inspected {
  if (readsQuestion(reducerOf(reduction)) && seen.signals.relevance === undefined)
    return { failure: `${reduction.method} chooses patches by the question: ask one, and they are shown.` };
  try {
    return { inspection: inspect(seen, name, reduction, model) };
  } catch (error) {
    return { failure: errorText(error) };
  }
}

function inspect(seen: SeenPicture, name: string, reduction: Reduction, model: ModelInfo): Inspection {
  const { signals, width, height, view } = seen;
  const { unreducedTokens, leadingTokens, keyValueBytesPerToken } = model;
  const reducer = reducerOf(reduction);
  const { method, options } = reducer;
  const leading = reducer.keepsClassToken === true ? 0 : leadingTokens;
  const plan = reducer.plan(signals, rowRoom(reducer, signals.patches.rows, leading));
  const rows = planRows(plan) + leading;
  return createInspection({
    picture: { width, height, data: new Uint8Array(0) },
    name,
    view,
    grid: signals.grid,
    plan,
    classAttention: classAttention(signals),
    classToken: signals.classToken,
    method,
    options,
    statistics: {
      visualTokens: rows,
      unreducedTokens,
      keyValueBytes: rows * keyValueBytesPerToken,
      unreducedKeyValueBytes: unreducedTokens * keyValueBytesPerToken,
    },
  });
}
