/**
 * The sparse linear map W from a tower's tokens to visual tokens, rows in the order in which the language model gets
 * them; compressed rows: row i has columns[offsets[i] .. offsets[i + 1]] with the weights beside them.
 *
 * The order of a row's columns carries no meaning and differs with the plan's maker: the planner lists the row's own
 * patch, then its neighbours by falling similarity; a plan read from a vision graph lists columns ascending, and without
 * those whose weight is exactly 0. Compare plans of both by {@link densePlan}.
 *
 * A plan without any entries only counts its rows: {@link isUnknownPlan}.
 */
export interface MergePlan {
  /**
   * N: patches of the picture, over all of its views; where they lie is told by `Sites`. Column c < N is patch c; column
   * N + v, used by few methods, is the class token of view v, 0 where there is one view.
   */
  readonly patches: number;
  /** Patch that each row stands on, -1 for a row that stands on none (PruMerge's global token). */
  readonly keptPatches: Int32Array;
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float32Array;
}

/** Number of visual tokens that a plan gives. */
export function planRows(plan: MergePlan): number {
  return plan.keptPatches.length;
}
