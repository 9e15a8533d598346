import { byteResampler } from "../float-resampler.js";
import { normalisePart } from "../normalise.js";
import type { Picture, View } from "../picture.js";
import type { PreprocessSpec } from "../preprocess-spec.js";
import { resizePicture } from "../resize.js";
import type { TileGrid } from "./grid.js";
import { tileGeometry } from "./tile-geometry.js";

/** A picture's tiles, in raster order. */
export interface TileViews {
  readonly rows: number;
  readonly columns: number;
  readonly views: readonly View[];
}

/**
 * Cuts a picture into tiles as transformers' LLaVA-NeXT processors do on the backend that the spec names: resized as a
 * whole into the best grid, black (0 before normalising) around it.
 */
export function tileViews(picture: Picture, spec: PreprocessSpec, grids: readonly TileGrid[]): TileViews {
  const { size, resample: filter } = spec;
  const resampler = byteResampler(spec);
  const geometry = tileGeometry(picture.width, picture.height, size, grids);
  const { x: left, y: top, width, height } = geometry.picture;
  const resized = resizePicture(picture, { width, height, filter, resampler });
  const views = geometry.tiles.map(
    ({ x, y, shows }): View => ({
      data: normalisePart(resized, { x: x - left, y: y - top, width: size, height: size }, spec),
      height: size,
      width: size,
      rectangle: shows,
      frame: 0,
    }),
  );
  return { rows: geometry.rows, columns: geometry.columns, views };
}
