import { PrumergeError } from "../errors.js";
import { integerOption, refuseOption, requireOptions } from "./options.js";

/**
 * How many visual tokens a picture may become. Every kind counts every row that the language model gets: a global token,
 * and rows that the model hands on whatever happens, such as a class token.
 *
 * - `exact`: so many rows
 * - `share`: max(1, round(ratio * N)) rows of a picture with N patches, halves rounded up
 * - `cap`: the method's own rule, `rows` at most; above N without effect
 * - `rule`: the method's own rule
 * - `all`: every row: nothing is reduced
 */
export type Budget =
  | { readonly kind: "exact"; readonly rows: number }
  | { readonly kind: "share"; readonly ratio: number }
  | { readonly kind: "cap"; readonly rows: number }
  | { readonly kind: "rule" }
  | { readonly kind: "all" };

/** A budget as options of a method spell it; at most one of the three. None given: the method's default. */
export interface BudgetOptions {
  /** Exactly this many rows: 1 .. N, or N + 1 where the method adds a global token. */
  readonly tokens?: number;
  /** A cap of this many rows on the adaptive rule, 1 or more; above N it has no effect. */
  readonly maxTokens?: number;
  /** Exactly max(1, round(keepRatio * N)) rows, halves rounded up; above 0, at most 1. */
  readonly keepRatio?: number;
}

export const budgetOptions = ["tokens", "maxTokens", "keepRatio"] as const;

/**
 * The budget that options spell, undefined where they spell none.
 *
 * @throws PrumergeError INVALID_OPTION for several at once, and for what is wrong for every picture
 */
export function readBudget(where: string, options: BudgetOptions): Budget | undefined {
  requireOptions(where, options);
  const given = budgetOptions.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new PrumergeError("INVALID_OPTION", "one budget at most may be given", {
      expected: `${budgetOptions.slice(0, -1).join(", ")} or ${budgetOptions.at(-1)}`,
      found: given.join(" and "),
      where,
    });
  }
  const { tokens, maxTokens, keepRatio } = options;
  if (tokens !== undefined) return { kind: "exact", rows: integerOption(where, "tokens", tokens, 1) };
  if (maxTokens !== undefined) return { kind: "cap", rows: integerOption(where, "maxTokens", maxTokens, 1) };
  if (keepRatio === undefined) return undefined;
  if (!(typeof keepRatio === "number" && keepRatio > 0 && keepRatio <= 1)) {
    refuseOption(where, "keepRatio", "a number above 0 and at most 1", keepRatio);
  }
  return { kind: "share", ratio: keepRatio };
}

/** The same the other way; nothing for `rule` and `all`, which options do not spell. */
export function spellBudget(budget: Budget): BudgetOptions {
  switch (budget.kind) {
    case "exact":
      return { tokens: budget.rows };
    case "share":
      return { keepRatio: budget.ratio };
    case "cap":
      return { maxTokens: budget.rows };
    default:
      return {};
  }
}

/** Options in two parts: what spells a budget, and the rest. */
export function splitBudget<Options extends object>(
  options: Options,
): { readonly budget: BudgetOptions; readonly rest: Omit<Options, keyof BudgetOptions> } {
  const budget: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options))
    ((budgetOptions as readonly string[]).includes(name) ? budget : rest)[name] = value;
  return { budget, rest: rest as Omit<Options, keyof BudgetOptions> };
}
