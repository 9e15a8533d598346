import { PrumergeError } from "../errors.js";
import type { ResampleFilter } from "./filter.js";
import type { Picture } from "./picture.js";
import { axisTaps, precisionBits, type Taps } from "./taps.js";

/** A rectangle in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A larger surface on which the picture lies before it is resized; never materialised. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Where the picture's top left corner lies on the canvas. */
  readonly x: number;
  readonly y: number;
  /** 8-bit RGB around the picture. */
  readonly fill: readonly [number, number, number];
}

export interface ResizeOptions {
  /** Size to which the whole canvas is resized, pixels. */
  readonly width: number;
  readonly height: number;
  /** Default `bicubic`. */
  readonly filter?: ResampleFilter;
  /** Part of the resized picture that is computed and returned. Default: all of it. */
  readonly window?: Rectangle;
  /** Default: the picture itself. */
  readonly canvas?: Canvas;
}

const half = 1 << (precisionBits - 1);

/**
 * Resizes a picture with antialiasing, equal to Pillow's `Image.resize` bit for bit: fixed-point weights, a horizontal
 * pass and then a vertical one, each rounded to 8 bits. With `window` only that part is computed, as if cut out of the
 * whole; with `canvas` as if the picture had been pasted on it before.
 *
 * @throws PrumergeError INVALID_OPTION for sizes or windows out of range
 */
export function resizePicture(picture: Picture, options: ResizeOptions): Picture {
  const { width, height, filter = "bicubic" } = options;
  const window = options.window ?? { x: 0, y: 0, width, height };
  const canvas = options.canvas ?? {
    width: picture.width,
    height: picture.height,
    x: 0,
    y: 0,
    fill: [0, 0, 0],
  };
  checkWindow(window, width, height);
  const across = axisTaps(
    {
      source: picture.width,
      canvas: canvas.width,
      offset: canvas.x,
      target: width,
      from: window.x,
      count: window.width,
    },
    filter,
  );
  const down = axisTaps(
    {
      source: picture.height,
      canvas: canvas.height,
      offset: canvas.y,
      target: height,
      from: window.y,
      count: window.height,
    },
    filter,
  );
  const rows = neededRows(down);
  const narrowed = resampleAcross(picture, across, canvas.fill, rows);
  return {
    width: window.width,
    height: window.height,
    data: resampleDown(narrowed, rows.from, down, fillAcross(across, canvas.fill)),
  };
}

function checkWindow(window: Rectangle, width: number, height: number): void {
  const whole = [width, height, window.x, window.y, window.width, window.height].every(Number.isSafeInteger);
  const inside =
    window.x >= 0 &&
    window.y >= 0 &&
    window.width >= 1 &&
    window.height >= 1 &&
    window.x + window.width <= width &&
    window.y + window.height <= height;
  if (whole && inside) return;
  throw new PrumergeError("INVALID_OPTION", "a picture cannot be resized so", {
    expected: "whole sizes of at least 1 and a window inside them",
    found: `${width} x ${height}, window ${window.width} x ${window.height} at ${window.x}, ${window.y}`,
  });
}

/** Rows of the picture that the vertical pass reads. */
function neededRows(down: Taps): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  down.counts.forEach((count, i) => {
    if (count === 0) return;
    from = Math.min(from, down.starts[i]);
    to = Math.max(to, down.starts[i] + count);
  });
  return to === 0 ? { from: 0, to: 0 } : { from, to };
}

function resampleAcross(
  picture: Picture,
  taps: Taps,
  fill: Canvas["fill"],
  rows: { from: number; to: number },
): Uint8ClampedArray {
  const { starts, counts, weights, outside, width: room } = taps;
  const columns = starts.length;
  const source = picture.data;
  const result = new Uint8ClampedArray((rows.to - rows.from) * columns * 3);
  let at = 0;
  for (let y = rows.from; y < rows.to; y++) {
    const line = y * picture.width * 3;
    for (let x = 0; x < columns; x++) {
      let red = half + Math.imul(outside[x], fill[0]);
      let green = half + Math.imul(outside[x], fill[1]);
      let blue = half + Math.imul(outside[x], fill[2]);
      let from = line + starts[x] * 3;
      const end = x * room + counts[x];
      for (let t = x * room; t < end; t++, from += 3) {
        const weight = weights[t];
        red = (red + Math.imul(source[from], weight)) | 0;
        green = (green + Math.imul(source[from + 1], weight)) | 0;
        blue = (blue + Math.imul(source[from + 2], weight)) | 0;
      }
      result[at] = red >> precisionBits;
      result[at + 1] = green >> precisionBits;
      result[at + 2] = blue >> precisionBits;
      at += 3;
    }
  }
  return result;
}

/** What the horizontal pass makes of a row of nothing but fill. */
function fillAcross(taps: Taps, fill: Canvas["fill"]): Uint8ClampedArray {
  const row = new Uint8ClampedArray(taps.starts.length * 3);
  for (let x = 0; x < taps.starts.length; x++) {
    let sum = taps.outside[x];
    for (let t = 0; t < taps.counts[x]; t++) sum += taps.weights[x * taps.width + t];
    for (let c = 0; c < 3; c++) row[x * 3 + c] = (half + Math.imul(sum, fill[c])) >> precisionBits;
  }
  return row;
}

function resampleDown(
  source: Uint8ClampedArray,
  firstRow: number,
  taps: Taps,
  fill: Uint8ClampedArray,
): Uint8Array {
  const length = fill.length;
  const sums = new Int32Array(length);
  const result = new Uint8ClampedArray(taps.starts.length * length);
  for (let y = 0; y < taps.starts.length; y++) {
    for (let i = 0; i < length; i++) sums[i] = half + Math.imul(taps.outside[y], fill[i]);
    for (let t = 0; t < taps.counts[y]; t++) {
      const weight = taps.weights[y * taps.width + t];
      const from = (taps.starts[y] + t - firstRow) * length;
      for (let i = 0; i < length; i++) sums[i] += Math.imul(source[from + i], weight);
    }
    for (let i = 0; i < length; i++) result[y * length + i] = sums[i] >> precisionBits;
  }
  return new Uint8Array(result.buffer);
}
