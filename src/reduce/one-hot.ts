import type { MergePlan } from "./plan.js";

/** A plan that hands on the given patches unchanged, one row each, in the given order. */
export function oneHotPlan(
  grid: { readonly rows: number; readonly columns: number },
  kept: Int32Array,
): MergePlan {
  return {
    patches: grid.rows * grid.columns,
    grid: { rows: grid.rows, columns: grid.columns },
    keptPatches: kept,
    offsets: Int32Array.from({ length: kept.length + 1 }, (_, row) => row),
    columns: kept.slice(),
    weights: new Float32Array(kept.length).fill(1),
  };
}
