import { PrumergeError } from "../../errors.js";
import {
  type Budget,
  findMethod,
  formatBudget,
  type Method,
  type Reducer,
  reducerOf,
  splitBudget,
  takesCount,
} from "../../reduce/index.js";
import { defaultPositions, type Positions } from "../../see/row-place.js";
import { type MethodFinder, methodFinder, type OwnMethod } from "./own-methods.js";
import type { Configuration } from "./run-folder.js";

/** Options of methods by name, as a command line can give them. */
export type MethodOptions = Readonly<Record<string, string | number | boolean>>;

export interface PlannedConfigurations {
  readonly configurations: readonly Configuration[];
  /** Pairs that do not go together, in words: a method without a rule of its own, and `adaptive`. */
  readonly leftOut: readonly string[];
}

/**
 * Every method at every budget that it takes, with every seed where it is seeded, with its rows at each of the positions. A method
 * that takes no count (`none`) has one way of running and comes once: nothing left out, rows stand where they would anyway.
 *
 * @param names methods by name or alias
 * @param seed of seeded methods, one or several: each is a configuration of its own
 * @param options of every method that takes a count, as `createReducer` takes them
 * @param own methods of modules, known beside the registry's
 * @throws PrumergeError UNKNOWN_METHOD; INVALID_OPTION for a method that no budget fits, and for an option that it refuses
 */
export function planConfigurations(
  names: readonly string[],
  budgets: readonly Budget[],
  seed: number | readonly number[],
  positions: readonly Positions[] = [defaultPositions],
  options: MethodOptions = {},
  own: readonly OwnMethod[] = [],
): PlannedConfigurations {
  const seeds = [...new Set([seed].flat())];
  const found = new Map<string, Configuration>();
  const leftOut: string[] = [];
  for (const method of names.map(methodFinder(own))) {
    const fitting = budgetsOf(method, budgets);
    const module = own.find((one) => one.method === method)?.module;
    for (const budget of budgets)
      if (takesCount(method) && !fitting.includes(budget))
        leftOut.push(`${method.name} does not take ${formatBudget(budget)}: left out there`);
    for (const budget of fitting) {
      const asked = takesCount(method) ? options : {};
      for (const seed of method.seeded ? seeds : [undefined]) {
        // A seed is said where there are several.
        const said = seed === undefined || seeds.length === 1 ? asked : { ...asked, seed };
        const one = configure(method, budget, { ...(seed !== undefined && { seed }), ...asked }, said);
        for (const where of budget.kind === "all" ? [defaultPositions] : positions) {
          const configuration = at(where, { ...one, ...(module && { module }) });
          found.set(configuration.name, configuration);
        }
      }
    }
  }
  return { configurations: [...found.values()], leftOut };
}

function budgetsOf(method: Method, budgets: readonly Budget[]): readonly Budget[] {
  if (!takesCount(method)) return [method.defaultBudget];
  const fitting = budgets.filter(({ kind }) => method.budgets.includes(kind));
  if (fitting.length > 0) return fitting;
  throw new PrumergeError("INVALID_OPTION", `the method ${method.name} takes none of these budgets`, {
    where: "--visual-tokens",
    expected: `for example --visual-tokens ${formatBudget(method.defaultBudget)}`,
    found: budgets.map(formatBudget).join(","),
  });
}

/** A method at one budget. @param said what its name tells of its options @throws PrumergeError INVALID_OPTION */
function configure(method: Method, budget: Budget, made: MethodOptions, said: MethodOptions): Configuration {
  const { options } = reducerOf(method, made, budget);
  const words = Object.entries(said).flatMap(([name, value]) => [fileWord(name), fileWord(String(value))]);
  return {
    name: [method.alias ?? method.name, ...budgetWords(budget), ...words].join("-"),
    method: method.name,
    budget,
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    ...(words.length > 0 && { asked: said }),
  };
}

/** `sizeBias` is `size-bias` in names of files. */
function fileWord(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(/[^a-z0-9.-]/g, "-");
}

function at(positions: Positions, configuration: Configuration): Configuration {
  if (positions === defaultPositions) return configuration;
  return { ...configuration, name: `${configuration.name}-${positions}`, positions };
}

/** As names of files and reports have it: `64`, `share-0.25`, `adaptive`, `adaptive-144`; nothing for all. */
function budgetWords(budget: Budget): readonly string[] {
  switch (budget.kind) {
    case "exact":
      return [`${budget.rows}`];
    case "share":
      return ["share", `${budget.ratio}`];
    case "cap":
      return ["adaptive", `${budget.rows}`];
    case "rule":
      return ["adaptive"];
    case "all":
      return [];
  }
}

/**
 * The reducer of a configuration for one picture. Seeded methods draw anew for every picture: the seed is made of the
 * configuration's and the picture's hash, so that a run can be repeated, in any order.
 *
 * @param picture sha256 of the picture's bytes, hexadecimal
 * @param find knows the configuration's method; default: the registry
 */
export function reducerFor(
  { method, budget, options }: Configuration,
  picture: string,
  find: MethodFinder = findMethod,
): Reducer {
  const entry = find(method);
  const { rest } = splitBudget(options);
  const own = Number.parseInt(picture.slice(0, 8), 16);
  const seed = (Number(options.seed) ^ own) >>> 0;
  return reducerOf(entry, entry.seeded ? { ...rest, seed } : rest, budget);
}
