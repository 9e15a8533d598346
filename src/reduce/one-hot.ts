import type { MergePlan } from "./plan.js";
import type { Grid } from "./sites.js";

/** A plan that hands on the given patches of a grid unchanged, one row each, in the given order. */
export function oneHotPlan(grid: Grid, kept: Int32Array): MergePlan {
  return oneHotRows(grid.rows * grid.columns, kept);
}

/** {@link oneHotPlan} for N patches, however they lie. */
export function oneHotRows(patches: number, kept: Int32Array): MergePlan {
  return {
    patches,
    keptPatches: kept,
    offsets: Int32Array.from({ length: kept.length + 1 }, (_, row) => row),
    columns: kept.slice(),
    weights: new Float32Array(kept.length).fill(1),
  };
}
