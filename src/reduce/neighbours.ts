import { inverseNorms } from "../tensor/cosine.js";
import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { topK } from "../tensor/top-k.js";

/** `cosine` as released, `dot-product` as the paper writes Sim(y_i, y_j) = k_i . k_j. */
export type Similarity = "cosine" | "dot-product";

/**
 * The k patches most similar to each kept patch, by their keys: row i of the result holds kept[i]'s neighbours, most
 * similar first, ties by lowest index. Candidates are all other patches, kept ones included.
 *
 * @param keys of the patches, [N, C]
 * @param k 0 .. N - 1
 * @returns [kept.length, k], row-major
 */
export function nearestPatches(
  keys: Matrix,
  kept: Int32Array,
  k: number,
  similarity: Similarity = "cosine",
): Int32Array {
  const { columns, data } = keys;
  const result = new Int32Array(kept.length * k);
  if (k === 0) return result;
  const norms = similarity === "cosine" ? inverseNorms(keys) : undefined;
  const scores = [new Float64Array(keys.rows), new Float64Array(keys.rows)];
  const key = (patch: number) => data.subarray(patch * columns, (patch + 1) * columns);
  for (let row = 0; row < kept.length; row += 2) {
    const pair = kept.subarray(row, row + 2);
    dotRows(key(pair[0]), key(pair[pair.length - 1]), keys, scores[0], scores[1]);
    pair.forEach((patch, at) => {
      const own = scores[at];
      // The kept patch's own norm scales all its scores alike and does not change their order.
      if (norms !== undefined) for (let j = 0; j < own.length; j++) own[j] *= norms[j];
      topK(own, k, result.subarray((row + at) * k, (row + at + 1) * k), patch);
    });
  }
  return result;
}
