import { PrumergeError } from "../errors.js";
import { byteResampler, isFloatResampler } from "./float-resampler.js";
import { type Geometry, pictureGeometry } from "./geometry.js";
import { interpolateSquare } from "./interpolate.js";
import { checkArea, expectedArea, type NativeArea, nativeSize } from "./native-size.js";
import { normalisePart, normalisePlanes } from "./normalise.js";
import type { Picture, PixelValues, View } from "./picture.js";
import { type Aspect, aspects, type PreprocessSpec } from "./preprocess-spec.js";
import { checkPicture } from "./raw-picture.js";
import { resizePicture } from "./resize.js";
import type { Rectangle } from "./resize-options.js";
import { checkGrids, expectedGrids } from "./tiles/check-grids.js";
import { expectedEdge, isEdge } from "./tiles/check-split.js";
import { splitViews, unsplitView } from "./tiles/split-views.js";
import { tileViews } from "./tiles/tile-views.js";

export interface PreprocessOptions {
  /**
   * Overrides the checkpoint's way. `anyres` only where the checkpoint has tiles, `native` where it has limits of area, and
   * then no other; the others give one square.
   */
  readonly aspect?: Aspect;
  /** Override the checkpoint's limits of a `native` picture's area, pixels. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/**
 * Makes a vision tower's input from a picture, as Hugging Face's CLIP, SigLIP, LLaVA, LLaVA-NeXT, Qwen2-VL and Idefics3 image
 * processors do on the backend that the spec names, and the original LLaVA on Pillow.
 *
 * @returns the views that the tower takes, each with the rectangle of the picture that it shows
 * @throws PrumergeError INVALID_OPTION for an unknown aspect, for tiles of a checkpoint without grids, for grids beyond
 * the limits, or for limits of area that cannot be; INVALID_IMAGE or LIMIT_EXCEEDED for a malformed picture
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
  if (spec.aspect === "native" || aspect === "native") {
    return {
      views: [
        nativeView(picture, spec, nativeSize(picture.width, picture.height, areaOf(spec, aspect, options))),
      ],
      picture: shape,
    };
  }
  refuseArea(options);
  const edge = longestEdgeOf(spec);
  if (aspect === "stretch" && edge !== undefined)
    return { views: [unsplitView(picture, spec, edge)], picture: shape };
  if (aspect !== "anyres") return { views: [squareView(picture, spec, aspect)], picture: shape };
  if (edge !== undefined) {
    const { rows, columns, views } = splitViews(picture, spec, edge);
    return { views, picture: shape, ...(views.length > 1 && { tiles: { rows, columns } }) };
  }
  const { rows, columns, views } = tileViews(picture, spec, gridsOf(spec));
  return {
    views: [squareView(picture, spec, "stretch"), ...views],
    picture: shape,
    tiles: { rows, columns },
  };
}

function longestEdgeOf({ longestEdge, size }: PreprocessSpec): number | undefined {
  if (longestEdge === undefined || isEdge(longestEdge, size)) return longestEdge;
  throw new PrumergeError("INVALID_OPTION", "a longest edge that is not run", {
    expected: expectedEdge(size),
    found: String(longestEdge),
  });
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
    help: "LLaVA-NeXT's processors name the grids of tiles (image_grid_pinpoints), SmolVLM's a longest edge.",
  });
}

/**
 * Whether pictures can be shown so, before one is read.
 *
 * @throws PrumergeError INVALID_OPTION as {@link preprocess}, for aspect and limits of area
 */
export function checkShown(spec: PreprocessSpec, options: PreprocessOptions): void {
  const aspect = options.aspect ?? spec.aspect;
  if (spec.aspect === "native" || aspect === "native") areaOf(spec, aspect, options);
  else refuseArea(options);
}

/** @throws PrumergeError INVALID_OPTION for an aspect that is not the model's, and for limits that cannot be */
function areaOf({ area, size }: PreprocessSpec, aspect: Aspect, options: PreprocessOptions): NativeArea {
  if (area === undefined || aspect !== "native") {
    throw new PrumergeError("INVALID_OPTION", "this model does not take pictures so", {
      where: "image aspect",
      expected: area === undefined ? "any but native" : "native",
      found: aspect,
    });
  }
  return areaWithin({ unit: size, ...area }, options);
}

/**
 * Limits of area with those that are asked for in their place.
 *
 * @throws PrumergeError INVALID_OPTION for limits that cannot be
 */
export function areaWithin(
  { unit, min, max }: NativeArea,
  { minPixels, maxPixels }: Pick<PreprocessOptions, "minPixels" | "maxPixels">,
): NativeArea {
  const limits = { min: minPixels ?? min, max: maxPixels ?? max };
  const found = checkArea(limits);
  if (found === undefined) return { unit, ...limits };
  throw new PrumergeError("INVALID_OPTION", "no picture has an area within these limits", {
    where: "minPixels, maxPixels",
    expected: expectedArea,
    found,
  });
}

function refuseArea({ minPixels, maxPixels }: PreprocessOptions): void {
  if (minPixels === undefined && maxPixels === undefined) return;
  throw new PrumergeError("INVALID_OPTION", "this model takes pictures of its own size", {
    where: minPixels === undefined ? "maxPixels" : "minPixels",
    expected: "none, but for models that take pictures of any size",
    found: String(minPixels ?? maxPixels),
  });
}

/** The whole picture, at a size of its own. */
export function nativeView(
  picture: Picture,
  spec: PreprocessSpec,
  { width, height }: { readonly width: number; readonly height: number },
): View {
  const { resample: filter } = spec;
  const resampler = byteResampler(spec);
  const resized = resizePicture(picture, { width, height, filter, resampler });
  const data = normalisePart(resized, { x: 0, y: 0, width, height }, spec);
  const rectangle = { x: 0, y: 0, width: picture.width, height: picture.height };
  return { data, height, width, rectangle, frame: 0 };
}

/** The one square of a picture. */
function squareView(
  picture: Picture,
  spec: PreprocessSpec,
  aspect: Exclude<Aspect, "anyres" | "native">,
): View {
  const geometry = pictureGeometry(picture.width, picture.height, spec, aspect);
  if (isFloatResampler(spec.resampler)) return floatView(picture, spec, geometry);
  const { canvas, resized, square, view } = geometry;
  const window = intersect(square, resized);
  const { size, resample: filter } = spec;
  const resampler = byteResampler(spec);
  const part = { x: square.x - window.x, y: square.y - window.y, width: size, height: size };
  const shown = resizePicture(picture, { ...resized, filter, resampler, canvas, window });
  const data = normalisePart(shown, part, spec);
  return { data, height: size, width: size, rectangle: view, frame: 0 };
}

/** Resized without rounding: whether that is before normalising or after it is the same but for the last bits. */
function floatView(picture: Picture, spec: PreprocessSpec, geometry: Geometry): View {
  const { size, resample } = spec;
  const data = normalisePlanes(interpolateSquare(picture, geometry, resample), spec);
  return { data, height: size, width: size, rectangle: geometry.view, frame: 0 };
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
