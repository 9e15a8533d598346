import { inverseNorms } from "../../tensor/cosine.js";
import type { Matrix } from "../../tensor/matrix.js";
import { type Budget, splitBudget } from "../budget.js";
import type { Method } from "../method.js";
import { mostLikelySet } from "../most-likely-set.js";
import { choiceOption, refuseOption, refuseUnknownOptions } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { relevanceOf } from "../relevance.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";

export interface CdPrunerOptions extends SamplingBudget {
  /** Replays the released program over a batch of pictures: see {@link relevanceRange}. */
  readonly compatibility?: "released";
  /**
   * Least and largest relevance to scale by, in place of the picture's own; only with `compatibility`. The released program
   * takes those of all pictures of a batch.
   */
  readonly relevanceRange?: readonly [least: number, largest: number];
}

/**
 * CDPruner: patches that are relevant to the question and unlike each other, unchanged and in raster order: the greedy most
 * likely set of a determinantal point process with the kernel r_i S_ij r_j. S is the cosine of the rows after the projector;
 * r the relevance to the question, scaled to 1e-6 .. 1 over the picture. The released program takes it from CLIP's text tower
 * ({@link questionRelevance}); `see`, which has none, from the language model's words ({@link wordRelevance}).
 *
 * Source: Theia-4869/CDPruner at 9541616 (`encode_images`), Apache-2.0 (arXiv 2506.10967), whose patches these are as long as
 * float32 tells them apart. Where it gives no count or NaN, this is ours:
 * - Once what a patch adds (d^2) is 1e-8 or less for all that are left, the rest are those of highest relevance, lowest patch
 *   first. (The released program's picks are NaN's there, and repeat, so that fewer are kept.)
 * - Where all patches are equally relevant, r is 1. A row of zeros adds nothing.
 *
 * It reads the question, without which `see` refuses it.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const question = "What is on the table?";
 * const seen = await model.see(image, cdPruner({ tokens: 64 }), { question });
 * ```
 */
export function cdPruner(options: CdPrunerOptions = {}): Reducer {
  refuseUnknownOptions("cdpruner", options, ["tokens", "keepRatio", ...optionNames]);
  return createCdPruner(splitBudget(options).rest, samplingBudget("cdpruner", options));
}

const optionNames = ["compatibility", "relevanceRange"];

function createCdPruner(options: Omit<CdPrunerOptions, keyof SamplingBudget>, budget: Budget): Reducer {
  refuseUnknownOptions("cdpruner", options, optionNames);
  const { compatibility, relevanceRange } = options;
  if (compatibility !== undefined) choiceOption("cdpruner", "compatibility", compatibility, ["released"]);
  if (relevanceRange !== undefined) checkRange(relevanceRange, compatibility);
  const released = {
    ...(compatibility !== undefined && { compatibility }),
    ...(relevanceRange !== undefined && { relevanceRange: Object.freeze([...relevanceRange]) }),
  };
  const need = { projected: true, relevance: true };
  return selectingReducer("cdpruner", budget, released, need, (signals, count) => {
    const weights = scaled(relevanceOf(signals), relevanceRange);
    return relevantAndUnlike(projectedRows(signals), weights, count);
  });
}

function checkRange(range: unknown, compatibility: "released" | undefined): void {
  if (compatibility === undefined) {
    refuseOption("cdpruner", "relevanceRange", 'to be left out without compatibility: "released"', range);
  }
  const fits =
    Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] <= range[1];
  if (!fits) refuseOption("cdpruner", "relevanceRange", "two numbers, the smaller one first", range);
}

/** (relevance - least + 1e-6) / (largest - least); 1 where nothing is more relevant than the rest. */
function scaled(relevance: Float32Array, range: CdPrunerOptions["relevanceRange"]): Float64Array {
  let own = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of relevance) own = [Math.min(own[0], value), Math.max(own[1], value)];
  const [least, largest] = range ?? own;
  if (own[0] < least || own[1] > largest) {
    refuseOption("cdpruner", "relevanceRange", "the range of all relevances", `${own[0]} to ${own[1]}`);
  }
  const width = largest - least;
  return Float64Array.from(relevance, (value) => (width === 0 ? 1 : (value - least + 1e-6) / width));
}

/** What a patch adds counts as nothing from here on. */
const nothing = 1e-8;

/** {@link mostLikelySet} of r_i S_ij r_j; what adds nothing comes last, by relevance. */
function relevantAndUnlike(rows: Matrix, weights: Float64Array, count: number): Int32Array {
  // Below every worth of what adds something.
  const beyond = 1 + weights.reduce((most, weight) => Math.max(most, weight), 0);
  return mostLikelySet(rows, inverseNorms(rows), count, {
    scale: (a, b) => weights[a] * weights[b],
    epsilon: 0,
    worth: (left, at) => (left > nothing ? left : weights[at] - beyond),
    least: 0,
  });
}

export const cdPrunerMethod: Method = {
  name: "cdpruner",
  description: "CDPruner: patches that have to do with the question, and are unlike each other",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create: (options, budget = quarter) => createCdPruner(options, budget),
};
