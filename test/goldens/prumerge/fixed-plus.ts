import { applyPlan, classAttention, type Matrix, type MergePlan, type Signals } from "prumerge/reduce";
import { inverseNorms } from "../../../src/tensor/cosine.js";
import { topK } from "../../../src/tensor/top-k.js";
import type { CaseResult } from "../outcome.js";
import { caseSignals, gridEnd, hasNeighbours, type PrumergeCase, recordedPictures } from "./case.js";
import { tokenDifference } from "./compare.js";

/**
 * PruMerge+'s fixed-ratio variant, which its authors train with ("this is for training"). It is no method of the product: it
 * keeps patches twice and drops as many others unseen, so that batches have one length, which only training needs; `training/`
 * has it, where models are trained. What the product shares with it is held against the record here: attention, the choice of
 * the highest, merging's arithmetic.
 */
export const isFixedPlus = ({ parameters, source }: PrumergeCase): boolean =>
  !parameters.if_adaptive && source.function.endsWith("_plus");

/** Replays one case of the variant. */
export function replayFixedPlus(folder: string, test: PrumergeCase): CaseResult {
  const { name, parameters, expected, ambiguous, expected_error: error } = test;
  const ratio = parameters.reduction_ratio_argument;
  const signals = caseSignals(folder, test);
  if (error !== null) {
    // It fills a buffer of twice its top-k, whatever the length of its grid, which may reach beyond the patches.
    const grid = gridOf(gridEnd(test), ratio);
    const stops =
      grid.length !== Math.trunc(parameters.N * ratio) ||
      (grid.at(-1) ?? 0) >= parameters.N ||
      !hasNeighbours(test);
    const detail = stops ? "" : `the released program raises ${error.type} for another reason`;
    return { name, outcome: stops ? "defined by us" : "missed", detail };
  }
  const recorded = recordedPictures(folder, test);
  const misses = recorded.flatMap(({ kept, tokens, attention }, at) => {
    const picture = signals[at]!;
    const best = chosen(classAttention(picture), ratio);
    // Among ties that torch orders as it likes, the recorded choice is taken, where it is as high.
    const free = ambiguous !== null && best.every((patch, i) => attention[patch] === attention[kept[i]!]);
    const rows = free ? Array.from(kept) : [...best, ...gridOf(gridEnd(test), ratio)];
    const ours = fixedPlus(picture, rows);
    const { complement_indices: complement } = expected;
    return [
      ...(rows.join() === Array.from(kept).join() ? [] : [`kept ${rows.join(" ")}`]),
      ...(complement === undefined || ours.complement.join() === complement[at]!.join()
        ? []
        : ["other patches left over"]),
      ...tokenDifference("tokens", ours.tokens.data, tokens, 1e-5),
    ];
  });
  return { name, outcome: misses.length === 0 ? "passed" : "missed", detail: misses.join("; ") };
}

function chosen(attention: Float32Array, ratio: number): number[] {
  return [...topK(attention, Math.trunc(attention.length * ratio))];
}

/** From half a step on, one patch each step, up to an end. */
function gridOf(end: number, ratio: number): number[] {
  const step = Math.trunc(1 / ratio);
  const first = Math.trunc(step / 2);
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, i) => first + i * step);
}

/** The variant's plan for one picture, whose grid ends before `end`. */
export function fixedPlusPlan(signals: Signals, ratio: number, end: number): MergePlan {
  return fixedPlus(signals, [...chosen(classAttention(signals), ratio), ...gridOf(end, ratio)]).plan;
}

/** Merged tokens of kept patches, some of them twice, and the patches that the last token is made of. */
function fixedPlus(
  signals: Signals,
  kept: readonly number[],
): { readonly plan: MergePlan; readonly tokens: Matrix; readonly complement: readonly number[] } {
  const { patches, keys } = signals;
  const count = patches.rows;
  const attention = classAttention(signals);
  const once = new Set(kept);
  // Each duplicate costs the lowest of the patches left over.
  const complement = Array.from(attention.keys())
    .filter((patch) => !once.has(patch))
    .slice(kept.length - once.size);
  const norms = inverseNorms(keys);
  const similarity = (a: number, b: number) => {
    let dot = 0;
    for (let c = 0; c < keys.columns; c++)
      dot += keys.data[(a + 1) * keys.columns + c]! * keys.data[(b + 1) * keys.columns + c]!;
    return dot * norms[a + 1]! * norms[b + 1]!;
  };
  const rows = kept.map((patch, row) => {
    // Of the other rows and what is left over; a copy of the patch itself is its nearest.
    const others = [...kept.filter((_, at) => at !== row), ...complement];
    const scores = Float64Array.from(others, (other) => similarity(patch, other));
    return [patch, ...Array.from(topK(scores, Math.min(32, others.length)), (at) => others[at]!)];
  });
  const groups = [...rows, complement];
  const offsets = [0];
  for (const group of groups) offsets.push(offsets.at(-1)! + group.length);
  const plan = {
    patches: count,
    keptPatches: Int32Array.of(...kept, -1),
    offsets: Int32Array.from(offsets),
    columns: Int32Array.from(groups.flat()),
    weights: Float32Array.from(
      groups.flatMap((group, row) =>
        group.map((patch, at) => (at === 0 && row < kept.length ? 1 : attention[patch]!)),
      ),
    ),
  };
  return { plan, tokens: applyPlan(plan, patches), complement };
}
