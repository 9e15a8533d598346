import type { Grid } from "../../reduce/sites.js";

/** Which rows of a learned square table, four for each row of the tower, make its position, and with which weights. */
export interface TableMix {
  /** [4, S] */
  readonly rows: Int32Array;
  /** [4, S] */
  readonly weights: Float32Array;
}

/**
 * Qwen3-VL's positions: its table stretched over the picture, bilinear with aligned corners, in float32 as transformers does.
 *
 * @param patches grid of patches
 * @param order patches in the tower's order, S of them
 * @param side of the table
 */
export function tableMix(patches: Grid, order: Int32Array, side: number): TableMix {
  const down = stretched(patches.rows, side);
  const across = stretched(patches.columns, side);
  const count = order.length;
  const rows = new Int32Array(4 * count);
  const weights = new Float32Array(4 * count);
  for (const [at, patch] of order.entries()) {
    const y = down[Math.floor(patch / patches.columns)]!;
    const x = across[patch % patches.columns]!;
    const corners = [
      [y.below, x.below, (1 - y.rest) * (1 - x.rest)],
      [y.below, x.above, (1 - y.rest) * x.rest],
      [y.above, x.below, y.rest * (1 - x.rest)],
      [y.above, x.above, y.rest * x.rest],
    ] as const;
    for (const [corner, [row, column, weight]] of corners.entries()) {
      rows[corner * count + at] = row * side + column;
      weights[corner * count + at] = weight;
    }
  }
  return { rows, weights };
}

interface Place {
  readonly below: number;
  readonly above: number;
  readonly rest: number;
}

/** `count` places from the first to the last of `side` cells. */
function stretched(count: number, side: number): Place[] {
  const { fround } = Math;
  return Array.from({ length: count }, (_, i) => {
    const place = fround((i * (side - 1)) / Math.max(1, count - 1));
    const below = Math.floor(place);
    return { below, above: Math.min(below + 1, side - 1), rest: fround(place - below) };
  });
}
