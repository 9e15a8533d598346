import { PrumergeError } from "../errors.js";
import { checkClassAttention, checkSignals } from "./check-signals.js";
import { type ClassAttentionOptions, computeClassAttention } from "./class-attention.js";
import { nearestPatches, type Similarity } from "./neighbours.js";
import { booleanOption, choiceOption, integerOption, refuseUnknownOptions, withDefaults } from "./options.js";
import type { MergePlan } from "./plan.js";
import type { Signals } from "./signals.js";

/** How kept patches take up what the others say. Defaults are those of the released PruMerge. */
export interface MergeOptions {
  /** Neighbours merged into each kept patch, 0 or more, default 32; all others where there are fewer. */
  readonly neighbours?: number;
  /** Default `cosine`, as released; the paper writes `dot-product`. */
  readonly similarity?: Similarity;
  /**
   * Divide the neighbours' weights by their sum, the division that the released code has commented out. Default false.
   * The kept patch itself weighs 1 either way.
   */
  readonly normalizedMerge?: boolean;
  /** Append one row: the sum of class attention times patch over all patches that were not kept. Default true. */
  readonly globalToken?: boolean;
}

export const mergeDefaults = {
  neighbours: 32,
  similarity: "cosine",
  normalizedMerge: false,
  globalToken: true,
} as const satisfies Required<MergeOptions>;

export function checkMergeOptions(where: string, options: Required<MergeOptions>): void {
  integerOption(where, "neighbours", options.neighbours, 0);
  choiceOption(where, "similarity", options.similarity, ["cosine", "dot-product"]);
  booleanOption(where, "normalizedMerge", options.normalizedMerge);
  booleanOption(where, "globalToken", options.globalToken);
}

const optionNames = [...Object.keys(mergeDefaults), "perHeadAttention", "attention"];

/**
 * PruMerge's merging for kept patches chosen by any rule: row i is e_p + sum over p's neighbours j of a_j e_j.
 *
 * @param kept patch indices, distinct, in the order in which the language model shall get them; may be empty with a
 *   global token
 * @param options `attention` hands in the class attention a [N] where it is known or another signal is wanted
 * @throws PrumergeError INVALID_TENSOR for signals or kept patches that do not fit, INVALID_OPTION for options
 */
export function mergePlan(
  signals: Signals,
  kept: ArrayLike<number>,
  options: MergeOptions & ClassAttentionOptions & { readonly attention?: Float32Array } = {},
): MergePlan {
  refuseUnknownOptions("mergePlan", options, optionNames);
  const merge: Required<MergeOptions> = withDefaults<Required<MergeOptions>>(mergeDefaults, options);
  checkMergeOptions("mergePlan", merge);
  booleanOption("mergePlan", "perHeadAttention", options.perHeadAttention ?? false);
  checkSignals(signals);
  const attention = options.attention ?? computeClassAttention(signals, options);
  checkClassAttention(attention, signals.patches.rows);
  checkKept(kept, signals.patches.rows, merge.globalToken);
  return buildMergePlan(signals, Int32Array.from(kept), attention, merge);
}

/** {@link mergePlan} for arguments that were checked already. Each row lists its own patch first, then neighbours by similarity. */
export function buildMergePlan(
  { patches, keys, classToken }: Signals,
  kept: Int32Array,
  attention: Float32Array,
  { neighbours, similarity, normalizedMerge, globalToken }: Required<MergeOptions>,
): MergePlan {
  const count = patches.rows;
  const k = Math.min(neighbours, count - 1);
  const patchKeys = {
    rows: count,
    columns: keys.columns,
    data: keys.data.subarray(classToken ? keys.columns : 0),
  };
  const near = nearestPatches(patchKeys, kept, k, similarity);
  const left = globalToken ? withoutKept(count, kept) : [];
  const rows = kept.length + (globalToken ? 1 : 0);
  const mergedEntries = kept.length * (k + 1);
  const columns = new Int32Array(mergedEntries + left.length);
  const weights = new Float32Array(columns.length);
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => Math.min(row * (k + 1), mergedEntries));
  offsets[rows] = columns.length;
  kept.forEach((patch, row) => {
    const own = row * (k + 1);
    columns[own] = patch;
    weights[own] = 1;
    const group = near.subarray(row * k, (row + 1) * k);
    const divisor = normalizedMerge ? group.reduce((sum, j) => sum + attention[j], 0) || 1 : 1;
    columns.set(group, own + 1);
    group.forEach((j, at) => {
      weights[own + 1 + at] = attention[j] / divisor;
    });
  });
  left.forEach((patch, at) => {
    columns[mergedEntries + at] = patch;
    weights[mergedEntries + at] = attention[patch];
  });
  const keptPatches = new Int32Array(rows).fill(-1);
  keptPatches.set(kept);
  return { patches: count, keptPatches, offsets, columns, weights };
}

function withoutKept(patches: number, kept: Int32Array): number[] {
  const taken = new Set(kept);
  return Array.from({ length: patches }, (_, patch) => patch).filter((patch) => !taken.has(patch));
}

function checkKept(kept: ArrayLike<number>, patches: number, globalToken: boolean): void {
  const list = Array.from(kept);
  const wrong = list.find((patch) => !Number.isInteger(patch) || patch < 0 || patch >= patches);
  const expected = `distinct patches 0 .. ${patches - 1}${globalToken ? "" : ", at least one"}`;
  if (wrong !== undefined || new Set(list).size < list.length || (list.length === 0 && !globalToken)) {
    const found = wrong ?? (list.length === 0 ? "none" : "a patch twice");
    throw new PrumergeError("INVALID_TENSOR", "the kept patches do not fit", {
      expected,
      found: String(found),
      where: "mergePlan",
    });
  }
}
