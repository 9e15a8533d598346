import type { Matrix } from "../tensor/matrix.js";
import type { Grid } from "./sites.js";

/** What a reducer may read about one picture, or one view of it. N patches in raster order, C tower width. */
export interface Signals {
  /** Patch grid; rows * columns = N. */
  readonly grid: Grid;
  /** Features of the patches at the feature layer, [N, C]. */
  readonly patches: Matrix;
  /** Key projections of the tower's last layer, heads concatenated: [N + 1, C], class token first, or [N, C] without one. */
  readonly keys: Matrix;
  /** Query projections of the last layer: the class token's, [1, C], or without a class token all, [N, C]. */
  readonly queries: Matrix;
  readonly classToken: boolean;
  /** Attention heads of the last layer, for per-head attention. */
  readonly heads: number;
  /** Class attention [N] where the tower's graph computed it already. */
  readonly classAttention?: Float32Array;
}
