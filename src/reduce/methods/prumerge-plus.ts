import type { Method } from "../method.js";
import { type PruMergeOptions, prumergeReducer } from "../prumerge-reducer.js";
import type { Reducer } from "../reducer.js";

/**
 * PruMerge+: PruMerge's outliers and, spread over the picture in raster order, about three times as many further
 * patches. Source: arXiv 2403.15388 and the released `token_prune_merge_advanced_plus` (its adaptive rule);
 * docs/reduction-settings.md has the exact rules.
 *
 * Rows without a budget: about four times the outliers, and all patches from 97 outliers of 576 on; without any
 * outlier, where the released code raises, a uniform 4 x 4 grid; each time with the global token. `tokens: n`, and
 * `maxTokens: n` where the rule gives more: n - 1 patches, half by attention and half spread over the rest.
 *
 * Without a budget this is the released rule; where nobody writes code (command line, server, page, and `see` without a
 * reducer) it is capped at 144.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, pruMergePlus({ maxTokens: 144 }));
 * ```
 */
export function pruMergePlus(options: PruMergeOptions = {}): Reducer {
  return prumergeReducer("prumerge+", true, options);
}

export const pruMergePlusMethod: Method = {
  name: "prumerge+",
  alias: "prumerge-plus",
  description: "PruMerge and further patches spread over the picture",
  budgets: ["exact", "share", "cap", "rule"],
  // The rule alone keeps all patches of many pictures. 144 are a quarter of LLaVA-1.5's 576, the paper's 25 %.
  defaultBudget: { kind: "cap", rows: 144 },
  create: (options, budget) => prumergeReducer("prumerge+", true, options, budget),
};
