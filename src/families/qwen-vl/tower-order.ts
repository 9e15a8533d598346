import type { Grid } from "../../reduce/sites.js";

/**
 * The order of a picture's patches in the tower: those of one merged token side by side, row by row.
 *
 * @param tokens grid of merged tokens
 * @param merge patches along a merged token's side
 * @param order merged tokens as the tower takes them; default: raster order
 * @returns for each of the tower's rows the patch, raster order of patches
 */
export function towerOrder({ rows, columns }: Grid, merge: number, order?: Int32Array): Int32Array {
  const patches = new Int32Array(rows * columns * merge * merge);
  let at = 0;
  for (let i = 0; i < rows * columns; i++) {
    const token = order?.[i] ?? i;
    const top = Math.floor(token / columns) * merge;
    const left = (token % columns) * merge;
    for (let y = 0; y < merge; y++)
      for (let x = 0; x < merge; x++) patches[at++] = (top + y) * columns * merge + left + x;
  }
  return patches;
}
