import type { TiffDirectory } from "./tiff-directory.js";

/** Turns interleaved Y, Cb, Cr into RGB in place. */
export type Conversion = (data: Uint8Array) => void;

const coefficientsTag = 529;
const referenceTag = 532;

/** JFIF's formula in Pillow's fixed point of six bits: what it does with files that are not compressed. */
export function pillowConversion(): Conversion {
  const table = (factor: number) =>
    Int32Array.from({ length: 256 }, (_, value) => Math.trunc(factor * 64 * (value - 128) + 0.5));
  const [redCr, blueCb, greenCb, greenCr] = [1.402, 1.772, -0.34414, -0.71414].map(table);
  return (data) => {
    for (let i = 0; i < data.length; i += 3) {
      const [y, cb, cr] = [data[i], data[i + 1], data[i + 2]];
      data[i] = clamp(y + (redCr[cr] >> 6));
      data[i + 1] = clamp(y + ((greenCb[cb] + greenCr[cr]) >> 6));
      data[i + 2] = clamp(y + (blueCb[cb] >> 6));
    }
  };
}

/**
 * The file's own coefficients (TIFF 6.0, YCbCrCoefficients) and range (ReferenceBlackWhite) in libtiff's fixed point of
 * 16 bits: what Pillow shows of compressed files.
 */
export function libtiffConversion(directory: TiffDirectory): Conversion {
  const [red, green, blue] = threes(directory.numbers(coefficientsTag, 3), [0.299, 0.587, 0.114]);
  const reference = directory.numbers(referenceTag, 6) ?? [];
  const [y0, y1, cb0, cb1, cr0, cr1] = reference.length === 6 ? reference : [0, 255, 128, 255, 128, 255];
  const factor = (value: number) => Math.trunc(Math.min(2, Math.max(0, value)) * 65536 + 0.5);
  const [redCr, blueCb] = [factor(2 - 2 * red), factor(2 - 2 * blue)];
  const [greenCr, greenCb] = [factor((red * (2 - 2 * red)) / green), factor((blue * (2 - 2 * blue)) / green)];
  const spread = (from: number, black: number, white: number, range: number) =>
    Int32Array.from({ length: 256 }, (_, value) => {
      const scaled = ((value + from - Math.trunc(black)) * range) / (white === black ? 1 : white - black);
      return Math.trunc(Math.min(4096, Math.max(-4096, scaled)));
    });
  const luma = spread(0, y0, y1, 255);
  const cbs = spread(-128, cb0 - 128, cb1 - 128, 127);
  const crs = spread(-128, cr0 - 128, cr1 - 128, 127);
  return (data) => {
    for (let i = 0; i < data.length; i += 3) {
      const [y, cb, cr] = [luma[data[i]], cbs[data[i + 1]], crs[data[i + 2]]];
      data[i] = clamp(y + ((redCr * cr + 0x8000) >> 16));
      data[i + 1] = clamp(y + ((0x8000 - greenCb * cb - greenCr * cr) >> 16));
      data[i + 2] = clamp(y + ((blueCb * cb + 0x8000) >> 16));
    }
  };
}

function threes(found: readonly number[] | undefined, otherwise: readonly number[]): readonly number[] {
  const usable = found?.length === 3 && found.every(Number.isFinite) && found[1] !== 0;
  return usable ? found : otherwise;
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
