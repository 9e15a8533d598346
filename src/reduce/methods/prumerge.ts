import type { Method } from "../method.js";
import { type PruMergeOptions, prumergeReducer } from "../prumerge-reducer.js";
import type { Reducer } from "../reducer.js";

/**
 * PruMerge: keeps the patches whose class attention is an outlier, merges the 32 most similar others into each, and
 * appends one global token. Source: arXiv 2403.15388 and the released `token_prune_merge_advanced`; docs/reduction-settings.md has
 * the exact rules.
 *
 * Rows: outliers + 1 without a budget; where there is no outlier, the global token alone. `tokens: n` gives n - 1 kept
 * patches and the global token, `maxTokens: n` the n - 1 outliers of highest attention at most.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = pruMerge({ tokens: 40 }).plan(signals);
 * const visualTokens = applyPlan(plan, signals.patches); // [40, C]
 * ```
 */
export function pruMerge(options: PruMergeOptions = {}): Reducer {
  return prumergeReducer("prumerge", false, options);
}

export const pruMergeMethod: Method = {
  name: "prumerge",
  description: "class-attention outliers, similar patches merged in, and a global token",
  budgets: ["exact", "share", "cap", "rule"],
  defaultBudget: { kind: "rule" },
  create: (options, budget) => prumergeReducer("prumerge", false, options, budget),
};
