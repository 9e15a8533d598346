import { type Budget, shareRows } from "prumerge/reduce";
import type { MethodInfo } from "../backend/model-backend.js";
import type { PictureCounts } from "../state/picture-counts.js";

/**
 * Rows that a budget names, or would have at most; undefined where that depends on a picture that is not known.
 *
 * @param counts of the picture
 */
export function rowsOf(budget: Budget, counts: PictureCounts): number;
export function rowsOf(budget: Budget, counts: PictureCounts | undefined): number | undefined;
export function rowsOf(budget: Budget, counts: PictureCounts | undefined): number | undefined {
  if (budget.kind === "exact" || budget.kind === "cap") return budget.rows;
  return budget.kind === "share"
    ? counts && shareRows(budget.ratio, counts.patches)
    : counts?.unreducedTokens;
}

/**
 * What the controls can set of a budget under a method: so many rows, so many at most where the method has a rule, or the nearest
 * share of whole percents. A method that takes none of it keeps its one budget.
 *
 * @param rows of the slider
 * @param counts of the picture; without it a share is a quarter
 */
export function fitBudget(
  { budgets, defaultBudget }: Pick<MethodInfo, "budgets" | "defaultBudget">,
  wish: Budget["kind"],
  rows: number,
  counts?: PictureCounts,
): Budget {
  if (wish === "share" && budgets.includes("share")) return { kind: "share", ratio: ratioOf(rows, counts) };
  const kinds = wish === "cap" || wish === "rule" ? (["cap", "exact"] as const) : (["exact", "cap"] as const);
  const kind = kinds.find((each) => budgets.includes(each));
  return kind === undefined ? defaultBudget : { kind, rows };
}

function ratioOf(rows: number, counts: PictureCounts | undefined): number {
  if (counts === undefined) return 0.25;
  return Math.min(100, Math.max(1, Math.round((100 * rows) / counts.patches))) / 100;
}
