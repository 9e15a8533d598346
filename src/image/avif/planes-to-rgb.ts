import type { AvifHeader } from "./avif-header.js";
import type { ColourCoding } from "./sequence-header.js";

/** Samples as they were coded, interleaved as Cr, Y, Cb and, where there are four, opacity. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array | Uint16Array;
}

/**
 * What luma and chroma weigh, in 64ths: red += Cr x redCr and so on, and luma x 257 x scale / 65,536 + offset. These are
 * libyuv's on x86, whose weights end at 128: with BT.709 and BT.2020 in limited range, strong blues come out darker than
 * the standards say, by up to some 15 levels, and so does Pillow.
 */
interface Weights {
  readonly blueCb: number;
  readonly greenCb: number;
  readonly greenCr: number;
  readonly redCr: number;
  readonly scale: number;
  readonly offset: number;
}

const full = { scale: 16320, offset: 32 };
const limited = { scale: 18997, offset: -1160 };

/** By the standard's name: [full range, limited range]. */
const bt601 = [
  { blueCb: 113, greenCb: 22, greenCr: 46, redCr: 90, ...full },
  { blueCb: 128, greenCb: 25, greenCr: 52, redCr: 102, ...limited },
] as const;
const bt709 = [
  { blueCb: 119, greenCb: 12, greenCr: 30, redCr: 101, ...full },
  { blueCb: 128, greenCb: 14, greenCr: 34, redCr: 115, ...limited },
] as const;
const bt2020 = [
  { blueCb: 120, greenCb: 11, greenCr: 37, redCr: 94, ...full },
  { blueCb: 128, greenCb: 12, greenCr: 42, redCr: 107, ...limited, scale: 19003 },
] as const;

const byMatrix: Readonly<Record<number, readonly [Weights, Weights] | undefined>> = {
  1: bt709,
  2: bt601, // unspecified
  5: bt601,
  6: bt601,
  9: bt2020,
};

/** Matrix 12 takes what belongs to the primaries. */
const byPrimaries: Readonly<Record<number, readonly [Weights, Weights] | undefined>> = {
  1: bt709,
  2: bt709,
  5: bt601,
  6: bt601,
  9: bt2020,
};

const identity = 0;
const derived = 12;

/** Whether {@link planesToRgb} knows what the numbers mean. */
export function isKnownCoding({ coding, grey }: AvifHeader): boolean {
  return grey || (coding.matrix === identity && coding.full) || weightsOf(coding) !== undefined;
}

/** Bits per sample that {@link planesToRgb} wants: libavif mostly cuts to 8 before it converts. */
export function wantedBits(header: AvifHeader, opacity: boolean): number {
  const { grey, depth, halfDown } = header;
  const deep = opacity && !grey && (depth === 10 || (depth === 12 && halfDown));
  return weightsFor(header, opacity) === undefined || deep ? depth : 8;
}

/** Undefined where the values are colours as they are. Grey is converted only where it has opacity. */
function weightsFor({ grey, coding }: AvifHeader, opacity: boolean): Weights | undefined {
  const weights = weightsOf(coding);
  if (!grey || weights === undefined) return weights;
  return opacity ? { ...weights, blueCb: 0, greenCb: 0, greenCr: 0, redCr: 0 } : undefined;
}

function weightsOf({ matrix, primaries, full }: ColourCoding): Weights | undefined {
  const pair = matrix === derived ? byPrimaries[primaries] : byMatrix[matrix];
  return pair?.[full ? 0 : 1];
}

/**
 * Turns the coded samples of an AVIF picture into 8-bit RGB or RGBA with the arithmetic of libavif 1.4 and libyuv, which
 * Pillow uses: chroma is spread over its neighbours with weights of 9, 3, 3 and 1 sixteenths.
 *
 * @param bits as {@link wantedBits} says
 */
export function planesToRgb(planes: Planes, header: AvifHeader, bits: number): Uint8Array {
  const weights = weightsFor(header, planes.channels === 4);
  return weights === undefined ? spreadValues(planes, header, bits) : convert(planes, header, weights, bits);
}

/** Values that are colours already are only spread over 8 bits. */
function spreadValues({ data, channels }: Planes, { grey, coding }: AvifHeader, bits: number): Uint8Array {
  const largest = 2 ** bits - 1;
  const [black, range] = coding.full ? [0, largest] : [2 ** (bits - 4), 219 * 2 ** (bits - 8)];
  const colours = new Uint8ClampedArray(largest + 1);
  const opacities = new Uint8ClampedArray(largest + 1);
  for (let value = 0; value <= largest; value++) {
    colours[value] = Math.floor(0.5 + (255 * (value - black)) / range);
    opacities[value] = Math.floor(0.5 + (255 * value) / largest);
  }
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += channels) {
    for (let c = 0; c < 3; c++) result[i + c] = colours[data[grey ? i + 1 : i + c]];
    if (channels === 4) result[i + 3] = opacities[data[i + 3]];
  }
  return result;
}

function convert(planes: Planes, header: AvifHeader, weights: Weights, bits: number): Uint8Array {
  const { width, height, channels, data } = planes;
  const { blueCb, greenCb, greenCr, redCr, scale, offset } = weights;
  const deeper = bits - 8;
  const stride = width * channels;
  // libyuv has no interpolation for 12 bits.
  const columns = neighbours(width, header.halfAcross, bits < 12, true);
  const rows = neighbours(height, header.halfDown, bits < 12, false);
  const result = new Uint8ClampedArray(data.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const near = rows.near[y] * stride;
    const far = rows.far[y] * stride;
    for (let x = 0; x < width; x++, at += channels) {
      const left = columns.near[x] * channels;
      const right = columns.far[x] * channels;
      const [a, b, c, d] = [near + left, near + right, far + left, far + right];
      const cr = ((9 * data[a] + 3 * (data[b] + data[c]) + data[d] + 8) >> (4 + deeper)) - 128;
      const cb =
        ((9 * data[a + 2] + 3 * (data[b + 2] + data[c + 2]) + data[d + 2] + 8) >> (4 + deeper)) - 128;
      const luma = data[at + 1];
      const wide = (luma << (16 - bits)) | (luma >> (2 * bits - 16));
      // Below 2^32, but not below 2^31.
      const y64 = ((wide * scale) >>> 16) + offset;
      result[at] = (y64 + cr * redCr) >> 6;
      result[at + 1] = (y64 - (cb * greenCb + cr * greenCr)) >> 6;
      result[at + 2] = (y64 + cb * blueCb) >> 6;
      if (channels === 4) result[at + 3] = data[at + 3] >> deeper;
    }
  }
  return new Uint8Array(result.buffer);
}

/**
 * Where, for each column or row, the chroma sample nearest to it and the next nearest stand in the picture; a sample of
 * half the columns stands at every second. At the edges there is but one; libyuv takes an odd last column for an edge,
 * an odd last row not.
 */
function neighbours(
  length: number,
  half: boolean,
  interpolated: boolean,
  oddIsEdge: boolean,
): { readonly near: Int32Array; readonly far: Int32Array } {
  const near = Int32Array.from({ length }, (_, i) => (half ? i - (i & 1) : i));
  const far = near.map((own, i) => {
    if (!half || !interpolated || i === 0) return own;
    if (i === length - 1 && (oddIsEdge || (i & 1) === 1)) return own;
    return (i & 1) === 1 ? own + 2 : own - 2;
  });
  return { near, far };
}
