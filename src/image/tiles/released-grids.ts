import type { TileGrid } from "./grid.js";

/** What LLaVA-NeXT's classes of transformers, model and processor, take where a file names no grids. */
export const llavaNextGrids: readonly TileGrid[] = [
  [336, 672],
  [672, 336],
  [672, 672],
  [1008, 336],
  [336, 1008],
];

const sides = [384, 768, 1152, 1536, 1920, 2304];

/** The same of LLaVA-OneVision's: up to 6 x 6 tiles. */
export const llavaOnevisionGrids: readonly TileGrid[] = sides.flatMap((height) =>
  sides.map((width): TileGrid => [height, width]),
);
