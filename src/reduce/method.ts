import type { Budget } from "./budget.js";
import type { Reducer } from "./reducer.js";

/** One entry of the registry: all that others know of a method. */
export interface Method {
  readonly name: string;
  /** Another spelling, known wherever the name is, and the one that names files: letters, digits and hyphens. */
  readonly alias?: string;
  /** One line for help texts. */
  readonly description: string;
  /** The kinds of budget that it takes; any other is refused before {@link create}. */
  readonly budgets: readonly Budget["kind"][];
  /** What it gets on the command line, in requests and on the page where nobody names a budget: one of {@link budgets}. */
  readonly defaultBudget: Budget;
  /** Whether it draws at random from an option `seed`. Default false. */
  readonly seeded?: boolean;
  /** Whether results of other methods are shown beside its at the same count. Default false. */
  readonly baseline?: boolean;
  /**
   * Checks the options at run time, whatever their static type.
   *
   * @param options without what spells a budget
   * @param budget one of {@link budgets}; undefined where the caller of {@link createReducer} named none
   */
  readonly create: (options: Readonly<Record<string, unknown>>, budget: Budget | undefined) => Reducer;
}
