import { type FilterKernel, filterKernels, type ResampleFilter, type Resampler } from "./filter.js";
import { torchvisionBits } from "./torchvision-bits.js";
import { type Axis, weightLine } from "./weight-line.js";

/** Fraction bits of a fixed-point weight in Pillow: 32 less 8 for the value and 2 for overshoot and sign. */
const pillowBits = 22;

/**
 * One axis of a resampling: output i is `outside[i]` x fill + the sum of source[starts[i] + t] x weights[i * width + t]
 * for t < counts[i], in fixed point.
 */
export interface Taps {
  /** Fraction bits of the weights. */
  readonly bits: number;
  /** Room for the weights of one output. */
  readonly width: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  /** Sum of the weights that fall on the canvas beside the source. */
  readonly outside: Int32Array;
}

/**
 * Fixed-point weights of one axis, equal to Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`, or to what PyTorch's
 * antialiased interpolation of 8-bit pictures computes on a CPU.
 */
export function axisTaps(axis: Axis, filter: ResampleFilter, resampler: Resampler): Taps {
  // Where nothing changes Pillow skips the pass, which equals a single weight of one.
  if (axis.canvas === axis.target) return singleTaps(axis, (index) => index);
  if (filter === "nearest") {
    return singleTaps(axis, resampler === "pillow" ? pillowNearest(axis) : torchNearest(axis));
  }
  return filteredTaps(axis, filterKernels[filter], resampler);
}

function filteredTaps(axis: Axis, kernel: FilterKernel, resampler: Resampler): Taps {
  const line = weightLine(axis, kernel);
  const bits = resampler === "pillow" ? pillowBits : torchvisionBits(axis, line);
  const taps = emptyTaps(axis.count, line.width, bits);
  for (let i = 0; i < axis.count; i++) {
    const { first, count, weights } = line.at(axis.from + i);
    for (let t = 0; t < count; t++) {
      place(taps, axis, i, first + t - axis.offset, fixedPoint(weights[t], bits));
    }
  }
  return taps;
}

function singleTaps(axis: Axis, position: (index: number) => number): Taps {
  const taps = emptyTaps(axis.count, 1, pillowBits);
  for (let i = 0; i < axis.count; i++) {
    place(taps, axis, i, position(axis.from + i) - axis.offset, 1 << pillowBits);
  }
  return taps;
}

/** Pillow walks in steps and so gathers rounding errors, which decide ties. */
function pillowNearest(axis: Axis): (index: number) => number {
  const step = axis.canvas / axis.target;
  let at = step * 0.5;
  let index = 0;
  return (wanted) => {
    for (; index < wanted; index++) at += step;
    return Math.min(axis.canvas - 1, Math.floor(at));
  };
}

/** PyTorch's `nearest-exact`, in single precision. */
function torchNearest({ canvas, target }: Axis): (index: number) => number {
  const scale = Math.fround(canvas / target);
  return (wanted) => Math.min(canvas - 1, Math.floor(Math.fround(Math.fround(wanted + 0.5) * scale)));
}

function place(taps: Taps, axis: Axis, output: number, source: number, weight: number): void {
  if (source < 0 || source >= axis.source) {
    taps.outside[output] += weight;
    return;
  }
  if (taps.counts[output] === 0) taps.starts[output] = source;
  taps.weights[output * taps.width + taps.counts[output]++] = weight;
}

function emptyTaps(count: number, width: number, bits: number): Taps {
  return {
    bits,
    width,
    starts: new Int32Array(count),
    counts: new Int32Array(count),
    weights: new Int32Array(count * width),
    outside: new Int32Array(count),
  };
}

function fixedPoint(weight: number, bits: number): number {
  const scaled = weight * (1 << bits);
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}
