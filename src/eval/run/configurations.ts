import { PrumergeError } from "../../errors.js";
import { createReducer, methods, type Reducer } from "../../reduce/index.js";
import type { Configuration } from "./run-folder.js";

/** A budget of visual tokens as the command line gives it: `{ tokens }`, `{ maxTokens }`, or `{}` for the method's own rule. */
export interface RequestedBudget {
  readonly tokens?: number;
  readonly maxTokens?: number;
}

export interface PlannedConfigurations {
  readonly configurations: readonly Configuration[];
  /** Pairs that do not go together, in words: a method without a rule of its own, and `adaptive`. */
  readonly leftOut: readonly string[];
}

/** Names that file systems and shells take as they are, for methods whose own name is none. */
const spellings: Readonly<Record<string, string>> = { "prumerge+": "prumerge-plus" };

/**
 * Every method at every budget. `none` has no budget and comes once; a method without a rule of its own is left out where
 * the budget is adaptive.
 *
 * @param names methods by name; `prumerge-plus` is `prumerge+`
 * @param seed of the method `random`
 * @throws PrumergeError UNKNOWN_METHOD; INVALID_OPTION for a method that no budget fits
 */
export function planConfigurations(
  names: readonly string[],
  budgets: readonly RequestedBudget[],
  seed: number,
): PlannedConfigurations {
  const found = new Map<string, Configuration>();
  const leftOut: string[] = [];
  for (const name of names) {
    const method = Object.keys(spellings).find((key) => spellings[key] === name) ?? name;
    const fitting = method === "none" ? [{}] : budgets.filter((budget) => fits(method, budget));
    if (fitting.length === 0) {
      throw new PrumergeError("INVALID_OPTION", `the method ${method} has no rule of its own`, {
        where: "--visual-tokens",
        expected: "a count, for example --visual-tokens 64",
      });
    }
    if (method !== "none" && fitting.length < budgets.length)
      leftOut.push(`${method} has no rule of its own: left out at adaptive budgets`);
    for (const budget of fitting) {
      const configuration = configure(method, budget, seed);
      found.set(configuration.name, configuration);
    }
  }
  return { configurations: [...found.values()], leftOut };
}

/** A method at one budget. @throws PrumergeError UNKNOWN_METHOD, INVALID_OPTION */
function configure(method: string, budget: RequestedBudget, seed: number): Configuration {
  const { options } = createReducer(method, { ...budget, ...(method === "random" && { seed }) });
  const words = [spellings[method] ?? method];
  if (method !== "none") words.push(...(budget.tokens === undefined ? ["adaptive"] : [`${budget.tokens}`]));
  if (budget.maxTokens !== undefined) words.push(`${budget.maxTokens}`);
  return {
    name: words.join("-"),
    method,
    budget:
      method === "none"
        ? "all"
        : budget.tokens === undefined
          ? { maxTokens: budget.maxTokens ?? null }
          : { tokens: budget.tokens },
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

/**
 * The reducer of a configuration for one picture. `random` draws anew for every picture: its seed is made of the
 * configuration's and the picture's hash, so that a run can be repeated, in any order.
 *
 * @param picture sha256 of the picture's bytes, hexadecimal
 */
export function reducerFor({ method, options }: Configuration, picture: string): Reducer {
  if (method !== "random") return createReducer(method, options);
  const own = Number.parseInt(picture.slice(0, 8), 16);
  return createReducer(method, { ...options, seed: (Number(options.seed) ^ own) >>> 0 });
}

function fits(method: string, budget: RequestedBudget): boolean {
  const known = methods.find(({ name }) => name === method);
  if (known === undefined) createReducer(method); // refuses the name
  return known!.adaptive || budget.tokens !== undefined;
}
