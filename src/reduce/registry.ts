import { PrumergeError } from "../errors.js";
import { acrossFrames, acrossFramesOption } from "./across-frames.js";
import { type Budget, readBudget, spellBudget, splitBudget } from "./budget.js";
import { formatBudget } from "./budget-text.js";
import type { Method } from "./method.js";
import { cdPrunerMethod } from "./methods/cdpruner.js";
import { coverMethod } from "./methods/cover.js";
import { divPruneMethod } from "./methods/divprune.js";
import { dyCokeMethod } from "./methods/dycoke.js";
import { noneMethod } from "./methods/none.js";
import { openVinoMethod } from "./methods/openvino.js";
import { gridPoolingMethod } from "./methods/pool.js";
import { pruMergeMethod } from "./methods/prumerge.js";
import { pruMergePlusMethod } from "./methods/prumerge-plus.js";
import { pruneVidMethod } from "./methods/prunevid.js";
import { randomMethod } from "./methods/random.js";
import { scopeMethod } from "./methods/scope.js";
import { selectionMethod } from "./methods/selection.js";
import { sequentialMethod } from "./methods/sequential.js";
import { smallerPictureMethod } from "./methods/smaller-picture.js";
import { tokenMergingMethod } from "./methods/tome.js";
import { uniformMethod } from "./methods/uniform.js";
import { visionZipMethod } from "./methods/visionzip.js";
import { nearestName } from "./nearest-name.js";
import { booleanOption, requireOptions } from "./options.js";
import type { Reducer } from "./reducer.js";

/** Every method, in the order in which help texts and comparisons list them. */
export const methods: readonly Method[] = [
  pruMergeMethod,
  pruMergePlusMethod,
  selectionMethod,
  scopeMethod,
  divPruneMethod,
  cdPrunerMethod,
  openVinoMethod,
  visionZipMethod,
  tokenMergingMethod,
  gridPoolingMethod,
  smallerPictureMethod,
  dyCokeMethod,
  pruneVidMethod,
  randomMethod,
  uniformMethod,
  sequentialMethod,
  coverMethod,
  noneMethod,
];

/** What command line, library, server and page use where nobody names a method. */
export const defaultMethod: Method = pruMergePlusMethod;

/** The same for models whose pictures have any size, so that no count suits them all: a share of a picture's rows. */
export const defaultRowMethod: Method = { ...coverMethod, defaultBudget: { kind: "share", ratio: 0.25 } };

/** Whether a method takes a number of rows, exact, as a share or as a cap; the others have one way of running. */
export function takesCount({ budgets }: Method): boolean {
  return budgets.some((kind) => kind === "exact" || kind === "share" || kind === "cap");
}

/** @throws PrumergeError UNKNOWN_METHOD with the nearest name */
export function findMethod(name: string): Method {
  const found = methods.find((method) => method.name === name || method.alias === name);
  if (found !== undefined) return found;
  const names = methods.map((method) => method.name);
  const known = methods.flatMap((method) => [method.name, ...(method.alias ? [method.alias] : [])]);
  const nearest = nearestName(name, known);
  throw new PrumergeError("UNKNOWN_METHOD", "there is no such method", {
    expected: `one of ${names.join(", ")}`,
    found: JSON.stringify(name),
    ...(nearest !== undefined && { help: `Did you mean "${nearest}"?` }),
  });
}

/**
 * A reducer by name, for command lines and requests; in code, call {@link pruMerge} and the others directly.
 *
 * @param name a method's name or alias
 * @param options of the method; `tokens`, `maxTokens` or `keepRatio` spell a budget, and `acrossFrames: true` makes one plan of all
 *   frames of a video, see {@link acrossFrames}
 * @param budget the budget where it is not spelled; with neither, what the method's function does: its rule, or a quarter
 *   of the patches. A method's {@link Method.defaultBudget} is for those who do not write code.
 * @throws PrumergeError UNKNOWN_METHOD with the nearest name, INVALID_OPTION for what the method refuses
 * @example
 * ```ts
 * const reducer = createReducer("prumerge+", { maxTokens: 144 });
 * const share = createReducer("random", { seed: 7 }, parseBudget("25%"));
 * ```
 */
export function createReducer(
  name: string,
  options: Readonly<Record<string, unknown>> = {},
  budget?: Budget,
): Reducer {
  return reducerOf(findMethod(name), options, budget);
}

/**
 * A reducer of a method, its options and budget checked against what it says of itself: {@link createReducer} for a method that is
 * not in the registry.
 *
 * @throws PrumergeError INVALID_OPTION for what the method refuses
 */
export function reducerOf(
  method: Method,
  options: Readonly<Record<string, unknown>> = {},
  budget?: Budget,
): Reducer {
  requireOptions(method.name, options);
  const { [acrossFramesOption]: across = false, ...own } = options;
  booleanOption(method.name, acrossFramesOption, across);
  const { budget: spelled, rest } = splitBudget(own);
  const read = readBudget(method.name, spelled);
  if (read !== undefined && budget !== undefined) {
    throw new PrumergeError("INVALID_OPTION", "one budget at most may be given", {
      where: method.name,
      found: `${formatBudget(read)} and ${formatBudget(budget)}`,
    });
  }
  const asked = read ?? budget;
  if (asked !== undefined) checkKind(method, asked);
  const reducer = withSpelledBudget(method.create(rest, asked));
  return across ? acrossFrames(reducer) : reducer;
}

/** Options are what records tell results apart by, so that no method's may be without the budget's spelling. */
function withSpelledBudget(reducer: Reducer): Reducer {
  const spelling = Object.entries(spellBudget(reducer.budget));
  if (spelling.every(([name, value]) => reducer.options[name] === value)) return reducer;
  const options = Object.freeze({ ...reducer.options, ...Object.fromEntries(spelling) });
  const { unbiased } = reducer;
  return Object.create(reducer, {
    options: { value: options, enumerable: true },
    ...(unbiased && { unbiased: { value: withSpelledBudget(unbiased) } }),
  }) as Reducer;
}

function checkKind(method: Method, budget: Budget): void {
  if (method.budgets.includes(budget.kind)) return;
  const others = methods.filter(({ budgets }) => budgets.includes(budget.kind)).map(({ name }) => name);
  throw new PrumergeError(
    "INVALID_OPTION",
    `the method ${method.name} does not take this many visual tokens`,
    {
      expected: method.budgets.map((kind) => kindWords[kind]).join(", or "),
      found: formatBudget(budget),
      help: `Methods that take it: ${others.join(", ")}`,
    },
  );
}

const kindWords: Readonly<Record<Budget["kind"], string>> = {
  exact: "a count",
  share: "a share",
  cap: "a cap (adaptive:N)",
  rule: "adaptive",
  all: "all of them",
};
