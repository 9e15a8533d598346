import type { Grid, GridPart } from "../../reduce/sites.js";

/** Stands for the learned vector that ends a line of patches. */
export const separator = -1;

/**
 * The order of a picture's patches in the unreduced prompt, as transformers' `pack_image_features` and the original LLaVA
 * (`spatial_unpad`) put them: the whole picture's, then those of all tiles as one picture, line by line, each line followed
 * by a separator. The whole picture has no separator. A part without rows gives the whole picture alone, one without
 * columns a separator per row.
 *
 * @param patches of each view, N = rows x columns
 * @param tiles as they lie
 * @param shown the part of all tiles' patches that shows the picture
 * @returns per row of the prompt its site, view x N + patch, or {@link separator}
 */
export function packedOrder(patches: Grid, tiles: Grid, shown: GridPart): Int32Array {
  const perView = patches.rows * patches.columns;
  const order = new Int32Array(perView + shown.rows * (shown.columns + 1));
  for (let site = 0; site < perView; site++) order[site] = site;
  let at = perView;
  for (let y = shown.top; y < shown.top + shown.rows; y++) {
    const tileRow = Math.floor(y / patches.rows);
    const line = (y % patches.rows) * patches.columns;
    for (let x = shown.left; x < shown.left + shown.columns; x++) {
      const view = 1 + tileRow * tiles.columns + Math.floor(x / patches.columns);
      order[at++] = view * perView + line + (x % patches.columns);
    }
    order[at++] = separator;
  }
  return order;
}
