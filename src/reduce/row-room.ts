import { PrumergeError } from "../errors.js";
import { type Budget, spellBudget } from "./budget.js";
import { integerOption } from "./options.js";
import type { Reducer, RowRoom } from "./reducer.js";

/**
 * The room that a reducer's budget leaves to its plan at one picture. Rows that stay whatever happens are taken off here and
 * nowhere else, since a budget counts every row that the language model gets.
 *
 * @param patches N
 * @param fixed rows that the language model gets beside the plan's whatever happens: a class token's, a separator's behind
 *   the picture
 * @throws PrumergeError INVALID_OPTION for a count that the picture cannot give, or that leaves the plan no row
 */
export function rowRoom(
  { method, budget, extraRows: extra = 0 }: Pick<Reducer, "method" | "budget" | "extraRows">,
  patches: number,
  fixed = 0,
): RowRoom {
  switch (budget.kind) {
    case "rule":
      return { exact: false, count: 0 };
    case "all":
      return { exact: true, count: patches };
    case "cap":
      return { exact: false, count: leave(budget, budget.rows, fixed) };
    case "exact":
      integerOption(method, "tokens", budget.rows, 1, patches + extra + fixed);
      return { exact: true, count: leave(budget, budget.rows, fixed) };
    case "share":
      return { exact: true, count: leave(budget, shareRows(budget.ratio, patches), fixed) };
  }
}

/** Rows of a share of a picture's patches: max(1, round(ratio * N)), halves rounded up. */
export function shareRows(ratio: number, patches: number): number {
  return Math.max(1, Math.round(ratio * patches));
}

function leave(budget: Budget, rows: number, fixed: number): number {
  if (rows > fixed) return rows - fixed;
  throw new PrumergeError(
    "INVALID_OPTION",
    `too few tokens: this model's own rows beside the patches' take ${fixed}`,
    {
      where: Object.keys(spellBudget(budget))[0] ?? "tokens",
      expected: `${fixed + 1} or more`,
      found: String(rows),
    },
  );
}
