import {
  classAttention,
  pooledOutlierRatio,
  pruMerge,
  pruMergePlus,
  type Reducer,
  type Signals,
} from "prumerge/reduce";
import type { PrumergeCase } from "./case.js";

/** What of ours reproduces a case. */
export interface Recipe {
  readonly reducer: Reducer;
  /** The same as settings that a vision graph takes: a pooled or rounded count becomes an exact one. */
  readonly inGraph: Reducer;
}

/** The reducer for a case. */
export function recipeFor(test: PrumergeCase, signals: readonly Signals[]): Recipe {
  const { if_adaptive, reduction_ratio_argument, N, batch } = test.parameters;
  const plus = test.source.function.endsWith("_plus");
  if (!if_adaptive) return same(pruMerge({ tokens: Math.trunc(N * reduction_ratio_argument) + 1 }));
  if (plus) return same(pruMergePlus());
  const { ratio, iqr } = test.expected;
  const released = batch > 1 || Math.trunc(N * ratio) !== iqr?.outlier_count;
  if (!released) return same(pruMerge());
  const outlierRatio = pooledOutlierRatio(signals.map((picture) => classAttention(picture)));
  return {
    reducer: pruMerge({ compatibility: "released", outlierRatio }),
    inGraph: pruMerge({ tokens: Math.trunc(N * outlierRatio) + 1 }),
  };
}

function same(reducer: Reducer): Recipe {
  return { reducer, inGraph: reducer };
}
