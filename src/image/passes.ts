import type { Taps } from "./taps.js";

/** 8-bit RGB pixels, interleaved; a pass turns one raster into another. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Part of an axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Resamples each of the rows `rows` of a raster.
 *
 * @param fill colour left and right of the raster, 3 bytes per row of the result
 */
export function resampleAcross(source: Raster, taps: Taps, rows: Span, fill: Uint8ClampedArray): Raster {
  const { bits, starts, counts, weights, outside, width: room } = taps;
  const half = 1 << (bits - 1);
  const columns = starts.length;
  const { data } = source;
  const result = new Uint8ClampedArray((rows.to - rows.from) * columns * 3);
  let at = 0;
  for (let y = rows.from; y < rows.to; y++) {
    const line = y * source.width * 3;
    const colour = (y - rows.from) * 3;
    for (let x = 0; x < columns; x++) {
      let red = half + Math.imul(outside[x], fill[colour]);
      let green = half + Math.imul(outside[x], fill[colour + 1]);
      let blue = half + Math.imul(outside[x], fill[colour + 2]);
      let from = line + starts[x] * 3;
      const end = x * room + counts[x];
      for (let t = x * room; t < end; t++, from += 3) {
        const weight = weights[t];
        red = (red + Math.imul(data[from], weight)) | 0;
        green = (green + Math.imul(data[from + 1], weight)) | 0;
        blue = (blue + Math.imul(data[from + 2], weight)) | 0;
      }
      result[at] = red >> bits;
      result[at + 1] = green >> bits;
      result[at + 2] = blue >> bits;
      at += 3;
    }
  }
  return { width: columns, height: rows.to - rows.from, data: result };
}

/**
 * Resamples each of the columns `columns` of a raster.
 *
 * @param fill colour above and below the raster, 3 bytes per column of the result
 */
export function resampleDown(source: Raster, taps: Taps, columns: Span, fill: Uint8ClampedArray): Raster {
  const { bits, starts, counts, weights, outside, width: room } = taps;
  const half = 1 << (bits - 1);
  const { data } = source;
  const length = (columns.to - columns.from) * 3;
  const sums = new Int32Array(length);
  const result = new Uint8ClampedArray(starts.length * length);
  for (let y = 0; y < starts.length; y++) {
    for (let i = 0; i < length; i++) sums[i] = half + Math.imul(outside[y], fill[i]);
    for (let t = 0; t < counts[y]; t++) {
      const weight = weights[y * room + t];
      const from = ((starts[y] + t) * source.width + columns.from) * 3;
      for (let i = 0; i < length; i++) sums[i] += Math.imul(data[from + i], weight);
    }
    for (let i = 0; i < length; i++) result[y * length + i] = sums[i] >> bits;
  }
  return { width: columns.to - columns.from, height: starts.length, data: result };
}

/** What a pass makes of a line of nothing but one colour: 3 bytes per output. */
export function resampleColour(taps: Taps, colour: readonly [number, number, number]): Uint8ClampedArray {
  const half = 1 << (taps.bits - 1);
  const line = new Uint8ClampedArray(taps.starts.length * 3);
  for (let i = 0; i < taps.starts.length; i++) {
    let sum = taps.outside[i];
    for (let t = 0; t < taps.counts[i]; t++) sum += taps.weights[i * taps.width + t];
    for (let c = 0; c < 3; c++) line[i * 3 + c] = (half + Math.imul(sum, colour[c])) >> taps.bits;
  }
  return line;
}

/** One colour repeated, 3 bytes each. */
export function repeatColour(colour: readonly [number, number, number], count: number): Uint8ClampedArray {
  return new Uint8ClampedArray(count * 3).map((_, i) => colour[i % 3]);
}
