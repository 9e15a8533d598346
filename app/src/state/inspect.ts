import { useMemo } from "preact/hooks";
import { createInspection, type Inspection } from "prumerge/drawing";
import { classAttention, planRows } from "prumerge/reduce";
import type { ModelInfo, Reduction } from "../backend/model-backend.js";
import { reducerOf } from "../backend/reducer-of.js";
import type { PictureEntry } from "./session-state.js";

/** What a method makes of a picture, worked out here and now: only its signals came from the model. */
export function useInspection(
  entry: PictureEntry | undefined,
  reduction: Reduction,
  model: ModelInfo | undefined,
): Inspection | undefined {
  const { seen, name } = entry ?? {};
  return useMemo(() => {
    if (seen === undefined || model === undefined) return undefined;
    const { signals, width, height, view } = seen;
    const reducer = reducerOf(reduction);
    const plan = reducer.plan(signals);
    const rows = planRows(plan) + model.unreducedTokens - plan.patches;
    return createInspection({
      picture: { width, height, data: new Uint8Array(0) },
      ...(name !== undefined && { name }),
      view,
      plan,
      classAttention: classAttention(signals),
      method: reducer.method,
      options: reducer.options,
      statistics: {
        visualTokens: rows,
        unreducedTokens: model.unreducedTokens,
        keyValueBytes: rows * model.keyValueBytesPerToken,
        unreducedKeyValueBytes: model.unreducedTokens * model.keyValueBytesPerToken,
      },
    });
  }, [seen, name, reduction, model]);
}
