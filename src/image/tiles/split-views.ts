import { byteResampler } from "../float-resampler.js";
import { normalisePart } from "../normalise.js";
import type { Picture, View } from "../picture.js";
import type { PreprocessSpec } from "../preprocess-spec.js";
import { resizePicture } from "../resize.js";
import { scaledToEdge, splitGeometry } from "./split-geometry.js";
import type { TileViews } from "./tile-views.js";

/**
 * Cuts a picture into tiles as transformers' Idefics3 and SmolVLM processors do: its longest edge brought to `edge`, then
 * both edges filled up to whole tiles, and behind the tiles the whole of that squeezed into one square. Each of the three
 * steps is a resize of 8-bit pixels. A picture of one tile is that tile alone.
 *
 * @returns the tiles in raster order, then the whole picture; one view where there is one tile
 */
export function splitViews(picture: Picture, spec: PreprocessSpec, edge: number): TileViews {
  const { size } = spec;
  const { scaled, filled, rows, columns } = splitGeometry(picture, edge, size);
  const resize = resizer(spec);
  const whole = resize(resize(picture, scaled), filled);
  const [across, down] = [picture.width / columns, picture.height / rows];
  const tiles = Array.from({ length: rows * columns }, (_, at): View => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const rectangle = { x: column * across, y: row * down, width: across, height: down };
    return viewOf(whole, { x: column * size, y: row * size }, spec, rectangle);
  });
  if (tiles.length === 1) return { rows, columns, views: tiles };
  return { rows, columns, views: [...tiles, squeezed(picture, whole, spec)] };
}

/** The one view of a picture that is not split: its longest edge brought to `edge` first, as transformers does there, too. */
export function unsplitView(picture: Picture, spec: PreprocessSpec, edge: number): View {
  return squeezed(picture, resizer(spec)(picture, scaledToEdge(picture, edge)), spec);
}

type Size = Pick<Picture, "width" | "height">;

function resizer(spec: PreprocessSpec) {
  const { resample: filter } = spec;
  const resampler = byteResampler(spec);
  return (picture: Picture, { width, height }: Size) =>
    resizePicture(picture, { width, height, filter, resampler });
}

function squeezed({ width, height }: Size, whole: Picture, spec: PreprocessSpec): View {
  const square = resizer(spec)(whole, { width: spec.size, height: spec.size });
  return viewOf(square, { x: 0, y: 0 }, spec, { x: 0, y: 0, width, height });
}

function viewOf(
  picture: Picture,
  at: { readonly x: number; readonly y: number },
  spec: PreprocessSpec,
  rectangle: View["rectangle"],
): View {
  const sides = { width: spec.size, height: spec.size };
  return { data: normalisePart(picture, { ...at, ...sides }, spec), ...sides, rectangle, frame: 0 };
}
