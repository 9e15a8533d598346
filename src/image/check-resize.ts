import { PrumergeError } from "../errors.js";
import { filterKernels } from "./filter.js";
import type { Picture } from "./picture.js";
import { checkPicture, maximumSide } from "./raw-picture.js";
import type { Rectangle, ResizeOptions } from "./resize.js";

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
