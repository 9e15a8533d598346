import { PrumergeError } from "../errors.js";
import { pictureGeometry } from "./geometry.js";
import { normaliseSquare } from "./normalise.js";
import type { Picture, PixelValues, View } from "./picture.js";
import { type Aspect, aspects, type PreprocessSpec } from "./preprocess-spec.js";
import { checkPicture } from "./raw-picture.js";
import { resizePicture } from "./resize.js";
import type { Rectangle } from "./resize-options.js";
import { checkGrids, expectedGrids } from "./tiles/check-grids.js";
import { tileViews } from "./tiles/tile-views.js";

export interface PreprocessOptions {
  /** Overrides the checkpoint's way. `anyres` only where the checkpoint has grids of tiles; the others give one view. */
  readonly aspect?: Aspect;
}

/**
 * Makes a vision tower's input from a picture, as Hugging Face's CLIP, SigLIP, LLaVA and LLaVA-NeXT image processors do on
 * the backend that the spec names, and the original LLaVA on Pillow.
 *
 * @returns the views that the tower takes, each with the rectangle of the picture that it shows
 * @throws PrumergeError INVALID_OPTION for an unknown aspect, for tiles of a checkpoint without grids, or for grids beyond
 * the limits, INVALID_IMAGE or LIMIT_EXCEEDED for a malformed picture
 * @example
 * ```ts
 * const pixels = preprocess(await decodePicture("cat.jpg"), parsePreprocessing(json), { aspect: "pad" });
 * ```
 */
export function preprocess(
  picture: Picture,
  spec: PreprocessSpec,
  options: PreprocessOptions = {},
): PixelValues {
  const aspect = options.aspect ?? spec.aspect;
  if (!aspects.includes(aspect)) {
    throw new PrumergeError("INVALID_OPTION", "unknown image aspect", {
      expected: `one of ${aspects.join(", ")}`,
      found: JSON.stringify(aspect),
    });
  }
  checkPicture(picture);
  const shape = { width: picture.width, height: picture.height };
  if (aspect !== "anyres") return { views: [squareView(picture, spec, aspect)], picture: shape };
  const { rows, columns, views } = tileViews(picture, spec, gridsOf(spec));
  return {
    views: [squareView(picture, spec, "stretch"), ...views],
    picture: shape,
    tiles: { rows, columns },
  };
}

function gridsOf({ grids, size }: PreprocessSpec) {
  const checked = checkGrids(grids, size);
  if ("grids" in checked) return checked.grids;
  if (grids !== undefined) {
    throw new PrumergeError("INVALID_OPTION", "grids of tiles that are not run", {
      expected: expectedGrids(size),
      found: checked.found,
    });
  }
  throw new PrumergeError("INVALID_OPTION", "image aspect anyres of a model without tiles", {
    expected: "crop, pad or stretch",
    found: "anyres",
    help: "LLaVA-NeXT's processors name the grids of tiles (image_grid_pinpoints).",
  });
}

/** The one square of a picture. */
function squareView(picture: Picture, spec: PreprocessSpec, aspect: Exclude<Aspect, "anyres">): View {
  const { canvas, resized, square, view } = pictureGeometry(picture.width, picture.height, spec, aspect);
  const window = intersect(square, resized);
  const { size, resample: filter, resampler = "pillow" } = spec;
  const shown = resizePicture(picture, { ...resized, filter, resampler, canvas, window });
  const data = normaliseSquare(shown, { x: square.x - window.x, y: square.y - window.y }, spec);
  return { data, height: size, width: size, rectangle: view, frame: 0 };
}

function intersect(
  square: Rectangle,
  bounds: { readonly width: number; readonly height: number },
): Rectangle {
  const x = Math.max(0, square.x);
  const y = Math.max(0, square.y);
  return {
    x,
    y,
    width: Math.min(bounds.width, square.x + square.width) - x,
    height: Math.min(bounds.height, square.y + square.height) - y,
  };
}
