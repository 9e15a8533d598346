import { PrumergeError } from "../errors.js";
import { pictureGeometry } from "./geometry.js";
import type { Picture, PixelValues } from "./picture.js";
import { type Aspect, aspects, type PreprocessSpec } from "./preprocess-spec.js";
import { checkPicture } from "./raw-picture.js";
import { resizePicture } from "./resize.js";
import type { Rectangle } from "./resize-options.js";

export interface PreprocessOptions {
  /** Overrides the checkpoint's way. */
  readonly aspect?: Aspect;
}

/**
 * Makes a vision tower's input from a picture, as Hugging Face's CLIP, SigLIP and LLaVA image processors do on the backend
 * that the spec names, and the original LLaVA on Pillow.
 *
 * @returns the views that the tower takes, each with the rectangle of the picture that it shows
 * @throws PrumergeError INVALID_OPTION for an unknown aspect, INVALID_IMAGE or LIMIT_EXCEEDED for a malformed picture
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
  const { canvas, resized, square, view } = pictureGeometry(picture.width, picture.height, spec, aspect);
  const window = intersect(square, resized);
  const { resample: filter, resampler = "pillow" } = spec;
  const shown = resizePicture(picture, { ...resized, filter, resampler, canvas, window });
  const inside = { x: window.x - square.x, y: window.y - square.y };
  const data = normalise(shown, inside, spec);
  return {
    views: [{ data, height: spec.size, width: spec.size, rectangle: view, frame: 0 }],
    picture: { width: picture.width, height: picture.height },
  };
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

/** (value x rescale - mean) / deviation in float32 per channel; what `shown` does not cover counts as 0 before it. */
function normalise(
  shown: Picture,
  at: { readonly x: number; readonly y: number },
  spec: PreprocessSpec,
): Float32Array {
  const { size } = spec;
  const result = new Float32Array(3 * size * size);
  for (let channel = 0; channel < 3; channel++) {
    const table = valueTable(spec, spec.mean[channel], spec.deviation[channel]);
    const plane = result.subarray(channel * size * size, (channel + 1) * size * size);
    if (shown.width < size || shown.height < size) plane.fill(table[0]);
    for (let y = 0; y < shown.height; y++) {
      let from = y * shown.width * 3 + channel;
      const start = (y + at.y) * size + at.x;
      for (let x = 0; x < shown.width; x++, from += 3) plane[start + x] = table[shown.data[from]];
    }
  }
  return result;
}

/** A pixel has 256 values: each is rounded once per step, as numpy and PyTorch do on float32. */
function valueTable({ rescale, resampler }: PreprocessSpec, mean: number, deviation: number): Float32Array {
  const table = new Float32Array(256);
  if (resampler !== "torchvision") {
    const [centre, width] = [Math.fround(mean), Math.fround(deviation)];
    return table.map((_, value) => Math.fround(Math.fround(value * rescale) - centre) / width);
  }
  if (mean === 0 && deviation === 1) return table.map((_, value) => value * Math.fround(rescale));
  // The torchvision backend scales mean and deviation up instead of the pixels down.
  const scale = Math.fround(1 / rescale);
  const [centre, width] = [mean, deviation].map((value) => Math.fround(Math.fround(value) * scale));
  return table.map((_, value) => Math.fround(value - centre) / width);
}
