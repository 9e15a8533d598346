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

/** Whether a plan hands patches on as they are: one in each row, with weight 1. */
export function isOneHot({ patches, offsets, columns, weights }: MergePlan): boolean {
  return (
    columns.length === offsets.length - 1 &&
    offsets.every((offset, row) => offset === row) &&
    weights.every((weight) => weight === 1) &&
    columns.every((column) => column < patches)
  );
}
