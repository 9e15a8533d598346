import type { Grid, GridPart } from "../../../reduce/sites.js";

/** Stands for the learned vector that ends a line of patches. */
export const separator = -1;

/** The patches of a picture's tiles as one map: row y and column x, in patches, to the site that lies there. */
export type TileMap = (y: number, x: number) => number;

/**
 * Where the tiles' patches lie beside each other: the first view's sites are the whole picture's, those of tile t follow
 * (t + 1) x N.
 *
 * @param patches of each view, N = rows x columns
 * @param tiles as they lie
 */
export function tileMap(patches: Grid, tiles: Grid): TileMap {
  const perView = patches.rows * patches.columns;
  return (y, x) => {
    const view = 1 + Math.floor(y / patches.rows) * tiles.columns + Math.floor(x / patches.columns);
    return view * perView + (y % patches.rows) * patches.columns + (x % patches.columns);
  };
}

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
  const siteAt = tileMap(patches, tiles);
  let at = perView;
  for (let y = shown.top; y < shown.top + shown.rows; y++) {
    for (let x = shown.left; x < shown.left + shown.columns; x++) order[at++] = siteAt(y, x);
    order[at++] = separator;
  }
  return order;
}
