import type { MergePlan } from "../reduce/plan.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * The sparse form of the dense W [R, N] that a vision graph returns.
 *
 * @param keptPatches patches of the first rows; rows beyond them stand on none (the global token)
 */
export function planFromWeights(weights: Matrix, keptPatches: Int32Array): MergePlan {
  const { rows, columns: patches, data } = weights;
  const offsets = new Int32Array(rows + 1);
  const entries: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let at = row * patches; at < (row + 1) * patches; at++) if (data[at] !== 0) entries.push(at);
    offsets[row + 1] = entries.length;
  }
  const kept = new Int32Array(rows).fill(-1);
  kept.set(keptPatches);
  return {
    patches,
    keptPatches: kept,
    offsets,
    columns: Int32Array.from(entries, (at) => at % patches),
    weights: Float32Array.from(entries, (at) => data[at]!),
  };
}

/** The plan with a first row that is the class token itself (column N), for models that hand it on. */
export function withClassTokenRow(plan: MergePlan): MergePlan {
  return {
    ...plan,
    keptPatches: Int32Array.of(-1, ...plan.keptPatches),
    offsets: Int32Array.of(0, ...plan.offsets.map((offset) => offset + 1)),
    columns: Int32Array.of(plan.patches, ...plan.columns),
    weights: Float32Array.of(1, ...plan.weights),
  };
}
