import type { Matrix } from "../../tensor/matrix.js";
import { topK } from "../../tensor/top-k.js";
import { type Budget, splitBudget } from "../budget.js";
import { chooseGreedily } from "../greedy.js";
import { layerAttention } from "../layer-attention.js";
import type { Method } from "../method.js";
import { refuseOption, refuseUnknownOptions } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";
import { SimilarityRows } from "../similarity-rows.js";

export interface ScopeOptions extends SamplingBudget {
  /** How much attention weighs beside coverage: its exponent, 0 (not at all) .. 16, default 1. */
  readonly alpha?: number;
}

/** The layer whose attention is read: the one that the patches of LLaVA-1.5 come out of. */
const layer = -2;
const usualAlpha = 1;
const largestAlpha = 16;
/** Rounding can lift a cosine above 1 by less than this. */
const rounding = 1e-9;

/**
 * SCOPE: patches that cover what is not covered yet and that the tower attends to, unchanged and in raster order. What a patch
 * adds is the sum over all patches of how much more similar it is to them than those that are kept, 0 where it is not; the patch of
 * highest addition times attention^alpha comes next. Similarity is the cosine of the rows after the projector, coverage
 * begins at 0. Ties go to the lowest patch.
 *
 * Attention is the tower's own at the last layer but one: the class token's, averaged over heads (the released program adds them
 * up, which chooses the same). Without a class token, which that program does not know, it is what each patch receives.
 *
 * Source: arXiv 2510.24214 (NeurIPS 2025), as Tencent's AngelSlim has it (`token_compressor`, Apache 2.0). A row of zeros covers
 * nothing. Patches that add nothing come last, in raster order.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, scope({ tokens: 64 }));
 * ```
 */
export function scope(options: ScopeOptions = {}): Reducer {
  refuseUnknownOptions("scope", options, ["tokens", "keepRatio", "alpha"]);
  return createScope(splitBudget(options).rest, samplingBudget("scope", options));
}

function createScope(options: Omit<ScopeOptions, keyof SamplingBudget>, budget: Budget): Reducer {
  refuseUnknownOptions("scope", options, ["alpha"]);
  const alpha = options.alpha ?? usualAlpha;
  if (!(typeof alpha === "number" && alpha >= 0 && alpha <= largestAlpha))
    refuseOption("scope", "alpha", `a number from 0 to ${largestAlpha}`, alpha);
  const need = { projected: true, layers: [layer] };
  return selectingReducer("scope", budget, { alpha }, need, (signals, count) => {
    const attention = layerAttention(signals, layer);
    const weights = Float64Array.from(attention, (value) => value ** alpha);
    return coveringPatches(projectedRows(signals), weights, count);
  });
}

/**
 * What a patch adds only falls while others are kept, so that what was worked out earlier is a bound, and so is what all patches lack
 * together: rows of similarities are worked out for the patches alone that may be next.
 */
function coveringPatches(rows: Matrix, weights: Float64Array, count: number): Int32Array {
  const similarities = new SimilarityRows(rows, topK(weights, weights.length));
  const covered = new Float64Array(rows.rows);
  const known = new Int32Array(rows.rows).fill(-1);
  let made = 0;
  let lacking = rows.rows * (1 + rounding);
  const worths = weights.map((weight) => weight * lacking);
  return chooseGreedily(worths, count, (candidate, chosen, done) => {
    for (; made < done; made++) lacking = cover(covered, similarities.of(chosen[made]));
    if (known[candidate] === done) return false;
    const bound = weights[candidate] * lacking;
    if (!similarities.has(candidate) && bound < worths[candidate]) {
      worths[candidate] = bound;
      return true;
    }
    worths[candidate] = weights[candidate] * addition(covered, similarities.of(candidate));
    known[candidate] = done;
    return true;
  });
}

/** @returns what all patches lack together, at most */
function cover(covered: Float64Array, similarity: Float64Array): number {
  let lacking = 0;
  for (let patch = 0; patch < covered.length; patch++) {
    if (similarity[patch] > covered[patch]) covered[patch] = similarity[patch];
    lacking += 1 + rounding - covered[patch];
  }
  return lacking * (1 + rounding);
}

function addition(covered: Float64Array, similarity: Float64Array): number {
  let sum = 0;
  for (let patch = 0; patch < covered.length; patch++) {
    const more = similarity[patch] - covered[patch];
    if (more > 0) sum += more;
  }
  return sum;
}

export const scopeMethod: Method = {
  name: "scope",
  description: "SCOPE: patches that cover what is not covered yet, weighed by class attention",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create: (options, budget = quarter) => createScope(options, budget),
};
