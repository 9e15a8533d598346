import { PrumergeError } from "../errors.js";
import { integerOption, refuseOption } from "./options.js";

/**
 * How many visual tokens to keep; at most one of the three. Each counts every row that the language model gets, a
 * global token included. None given: PruMerge's adaptive rule without a cap.
 */
export interface Budget {
  /** Exactly this many rows: 1 .. N, or N + 1 where the method adds a global token. */
  readonly tokens?: number;
  /** A cap of this many rows on the adaptive rule, 1 or more; above N it has no effect. */
  readonly maxTokens?: number;
  /** Exactly max(1, round(keepRatio * N)) rows, halves rounded up; above 0, at most 1. */
  readonly keepRatio?: number;
}

export const budgetOptions = ["tokens", "maxTokens", "keepRatio"] as const;

/** A budget for a known number of patches: `count` rows exactly, or at most, where 0 means no cap. */
export interface RowCount {
  readonly exact: boolean;
  readonly count: number;
}

/** Refuses budgets that are wrong for every picture; {@link rowCount} refuses those too large for one. */
export function checkBudget(where: string, budget: Budget): void {
  const given = budgetOptions.filter((name) => budget[name] !== undefined);
  if (given.length > 1) {
    throw new PrumergeError("INVALID_OPTION", "one budget at most may be given", {
      expected: `${budgetOptions.slice(0, -1).join(", ")} or ${budgetOptions.at(-1)}`,
      found: given.join(" and "),
      where,
    });
  }
  const { tokens, maxTokens, keepRatio } = budget;
  if (tokens !== undefined) integerOption(where, "tokens", tokens, 1);
  if (maxTokens !== undefined) integerOption(where, "maxTokens", maxTokens, 1);
  if (keepRatio !== undefined && !(typeof keepRatio === "number" && keepRatio > 0 && keepRatio <= 1)) {
    refuseOption(where, "keepRatio", "a number above 0 and at most 1", keepRatio);
  }
}

/**
 * @param patches N
 * @param maximum most rows that the method can give: N, or N + 1 with a global token
 */
export function rowCount(where: string, budget: Budget, patches: number, maximum: number): RowCount {
  const { tokens, maxTokens, keepRatio } = budget;
  if (tokens !== undefined) {
    return { exact: true, count: integerOption(where, "tokens", tokens, 1, maximum) };
  }
  if (keepRatio !== undefined) return { exact: true, count: Math.max(1, Math.round(keepRatio * patches)) };
  return { exact: false, count: maxTokens ?? 0 };
}
