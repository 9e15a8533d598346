import type { Budget } from "./budget.js";

/** What {@link parseBudget} reads, for messages. */
export const budgetForms = "a count (64), a share (25%), adaptive, adaptive with a cap (adaptive:64), or all";

/**
 * The text form of budgets, which command line, requests and page share: `64`, `25%`, `adaptive`, `adaptive:144`, `all`.
 *
 * @returns undefined for any other text
 */
export function parseBudget(text: string): Budget | undefined {
  if (text === "adaptive") return { kind: "rule" };
  if (text === "all") return { kind: "all" };
  const share = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)?.[1];
  if (share !== undefined) {
    const ratio = Number(`${share}e-2`); // not divided by 100: 33.3 % would be 0.33299999999999996
    return ratio > 0 && ratio <= 1 ? { kind: "share", ratio } : undefined;
  }
  const [, adaptive, count] = /^(adaptive:)?(\d{1,9})$/.exec(text) ?? [];
  const rows = Number(count);
  if (!(rows >= 1)) return undefined;
  return { kind: adaptive === undefined ? "exact" : "cap", rows };
}

/** The text that {@link parseBudget} reads as this budget. */
export function formatBudget(budget: Budget): string {
  switch (budget.kind) {
    case "exact":
      return String(budget.rows);
    case "share":
      return `${Number((budget.ratio * 100).toFixed(6))}%`;
    case "cap":
      return `adaptive:${budget.rows}`;
    case "rule":
      return "adaptive";
    case "all":
      return "all";
  }
}
