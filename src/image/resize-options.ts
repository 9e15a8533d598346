import { PrumergeError } from "../errors.js";
import { filterKernels, type ResampleFilter, type Resampler } from "./filter.js";
import type { Picture } from "./picture.js";
import { checkPicture, maximumSide } from "./raw-picture.js";

/** A rectangle in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A larger surface on which the picture lies before it is resized; never materialised. */
export interface Canvas {
  /** 1 .. 65,535 pixels. */
  readonly width: number;
  readonly height: number;
  /** Where the picture's top left corner lies on the canvas; whole pixels. */
  readonly x: number;
  readonly y: number;
  /** 8-bit RGB around the picture. */
  readonly fill: readonly [number, number, number];
}

export interface ResizeOptions {
  /** Size to which the whole canvas is resized, pixels; up to 2^28, where a window cuts out less. */
  readonly width: number;
  readonly height: number;
  /** Default `bicubic`. */
  readonly filter?: ResampleFilter;
  /** Default `pillow`. */
  readonly resampler?: Resampler;
  /** Part of the resized picture that is computed and returned, at most 100 million pixels. Default: all of it. */
  readonly window?: Rectangle;
  /** Default: the picture itself. */
  readonly canvas?: Canvas;
}

/** A strip of 65,535 to 1 whose short side becomes 4096: the longest that preprocessing cuts a window out of. */
const longestTarget = 2 ** 28;

/** 300 MB of RGB, as much as decoding takes by default. */
const maximumPixels = 100_000_000;

const filters: readonly string[] = ["nearest", ...Object.keys(filterKernels)];
const resamplers: readonly string[] = ["pillow", "torchvision"];

/** Refuses what cannot be resized, before anything of its size is allocated; see {@link resizePicture}. */
export function checkResize(picture: Picture, options: Required<ResizeOptions>): void {
  checkPicture(picture);
  const { width, height, filter, window, canvas } = options;
  checkWord("filter", filters, filter);
  checkWord("resampler", resamplers, options.resampler);
  const { x, y, fill } = canvas;
  const surface = isSide(canvas.width, maximumSide) && isSide(canvas.height, maximumSide);
  const colour = Array.isArray(fill) && fill.length === 3 && fill.every(isByte);
  if (!surface || !colour || !Number.isSafeInteger(x) || !Number.isSafeInteger(y)) {
    throw new PrumergeError("INVALID_OPTION", "a picture cannot lie on such a canvas", {
      expected: `whole sides from 1 to ${maximumSide}, a whole place and three bytes of colour`,
      found: `${canvas.width} x ${canvas.height}, picture at ${x}, ${y} on [${fill}]`,
    });
  }
  if (!isSide(width, longestTarget) || !isSide(height, longestTarget) || !isWithin(window, width, height)) {
    throw new PrumergeError("INVALID_OPTION", "a picture cannot be resized so", {
      expected: `whole sizes from 1 to ${longestTarget} and a window inside them`,
      found: `${width} x ${height}, window ${window.width} x ${window.height} at ${window.x}, ${window.y}`,
    });
  }
  if (window.width * window.height > maximumPixels) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a resized picture would have too many pixels", {
      expected: `at most ${maximumPixels}`,
      found: `${window.width} x ${window.height}`,
    });
  }
}

function checkWord(name: string, known: readonly string[], value: string): void {
  if (known.includes(value)) return;
  throw new PrumergeError("INVALID_OPTION", `unknown ${name} for resizing`, {
    where: name,
    expected: known.join(", "),
    found: JSON.stringify(value),
  });
}

function isWithin({ x, y, width, height }: Rectangle, outerWidth: number, outerHeight: number): boolean {
  const sides = isSide(width, outerWidth - x) && isSide(height, outerHeight - y);
  return sides && Number.isSafeInteger(x) && Number.isSafeInteger(y) && x >= 0 && y >= 0;
}

function isSide(value: number, maximum: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= maximum;
}

function isByte(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}
