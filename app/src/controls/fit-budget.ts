import { type Budget, shareRows } from "prumerge/reduce";
import type { MethodInfo, ModelInfo } from "../backend/model-backend.js";

/**
 * Rows that a budget names, or would have at most.
 *
 * @param model a share is of its patches: without the leading rows, which stand on none
 */
export function rowsOf(budget: Budget, model: Pick<ModelInfo, "unreducedTokens" | "leadingTokens">): number {
  if (budget.kind === "exact" || budget.kind === "cap") return budget.rows;
  return budget.kind === "share"
    ? shareRows(budget.ratio, model.unreducedTokens - model.leadingTokens)
    : model.unreducedTokens;
}

/**
 * What a slider can set of a budget under a method: so many rows, or so many at most where the method has a rule. A method
 * that takes no count keeps its one budget.
 *
 * @param rows of the slider
 */
export function fitBudget(
  { budgets, defaultBudget }: Pick<MethodInfo, "budgets" | "defaultBudget">,
  wish: Budget["kind"],
  rows: number,
): Budget {
  const kinds = wish === "cap" || wish === "rule" ? (["cap", "exact"] as const) : (["exact", "cap"] as const);
  const kind = kinds.find((each) => budgets.includes(each));
  return kind === undefined ? defaultBudget : { kind, rows };
}
