import type { MergePlan } from "./plan.js";

/** One visual token: the patch it stands on, -1 for none, and what it is made of. */
export interface PlanRow {
  readonly kept: number;
  readonly columns: readonly number[];
  /** Beside the columns. */
  readonly weights: readonly number[];
}

/** A plan of rows that are written out. */
export function planOfRows(patches: number, rows: readonly PlanRow[]): MergePlan {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ columns }, row) => {
    offsets[row + 1] = offsets[row]! + columns.length;
  });
  return {
    patches,
    keptPatches: Int32Array.from(rows, ({ kept }) => kept),
    offsets,
    columns: Int32Array.from(rows.flatMap(({ columns }) => columns)),
    weights: Float32Array.from(rows.flatMap(({ weights }) => weights)),
  };
}
