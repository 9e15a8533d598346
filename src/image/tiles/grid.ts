/**
 * A grid of tiles by its sides in pixels, [height, width], as transformers' `image_grid_pinpoints` have it. Both are
 * multiples of the tile's side.
 */
export type TileGrid = readonly [height: number, width: number];
