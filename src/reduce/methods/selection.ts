import { type Budget, type BudgetOptions, readBudget } from "../budget.js";
import type { ClassAttentionOptions } from "../class-attention.js";
import type { Method } from "../method.js";
import { refuseUnknownOptions } from "../options.js";
import { prumergeReducer } from "../prumerge-reducer.js";
import type { Reducer } from "../reducer.js";

export interface SelectionOptions extends BudgetOptions, ClassAttentionOptions {
  /** Outliers lie above Q3 + iqrFactor (Q3 - Q1); 0 .. 1000, default 1.5. */
  readonly iqrFactor?: number;
  /** Order of the rows: `attention` (default, highest first) or `raster`. */
  readonly order?: "attention" | "raster";
}

const optionNames = ["tokens", "maxTokens", "keepRatio", "perHeadAttention", "iqrFactor", "order"];

/**
 * PruMerge without merging: the patches whose class attention is an outlier, unchanged, and no global token. The paper's
 * ablation "AITS only" (arXiv 2403.15388, Table 5).
 *
 * Rows: the outliers without a budget, or the patch of highest attention where there is none; `tokens: n` the n patches of
 * highest attention, `maxTokens: n` the n highest outliers at most.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = selectionOnly({ tokens: 40 }).plan(signals);
 * ```
 */
export function selectionOnly(options: SelectionOptions = {}): Reducer {
  return createSelection(options, readBudget("selection", options));
}

function createSelection(options: SelectionOptions, budget: Budget | undefined): Reducer {
  refuseUnknownOptions("selection", options, optionNames);
  const reducer = prumergeReducer(
    "selection",
    false,
    { ...options, neighbours: 0, globalToken: false },
    budget,
  );
  const own = Object.entries(reducer.options).filter(([name]) => optionNames.includes(name));
  return { ...reducer, options: Object.freeze(Object.fromEntries(own)) };
}

export const selectionMethod: Method = {
  name: "selection",
  description: "PruMerge's class-attention outliers alone, nothing merged in",
  budgets: ["exact", "share", "cap", "rule"],
  defaultBudget: { kind: "rule" },
  create: createSelection,
};
