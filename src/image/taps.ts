import { type FilterKernel, filterKernels, type ResampleFilter } from "./filter.js";

/** Fraction bits of a fixed-point weight, as in Pillow: 32 less 8 for the value and 2 for overshoot and sign. */
export const precisionBits = 22;

/**
 * One axis of a resampling: output i is `outside[i]` x fill + the sum of source[starts[i] + t] x weights[i * width + t]
 * for t < counts[i], in fixed point.
 */
export interface Taps {
  /** Room for the weights of one output. */
  readonly width: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  /** Sum of the weights that fall on the canvas beside the source. */
  readonly outside: Int32Array;
}

/** An axis: `source` pixels at `offset` on a canvas of `canvas` pixels, resized to `target`, of which `from .. from + count` is wanted. */
export interface Axis {
  readonly source: number;
  readonly canvas: number;
  readonly offset: number;
  readonly target: number;
  readonly from: number;
  readonly count: number;
}

/** Fixed-point weights of one axis, equal to Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`. */
export function axisTaps(axis: Axis, filter: ResampleFilter): Taps {
  // Where nothing changes Pillow skips the pass, which equals a single weight of one.
  if (axis.canvas === axis.target) return singleTaps(axis, (index) => index);
  if (filter === "nearest") return singleTaps(axis, nearestPositions(axis));
  return filteredTaps(axis, filterKernels[filter]);
}

function filteredTaps(axis: Axis, kernel: FilterKernel): Taps {
  const scale = axis.canvas / axis.target;
  const filterScale = Math.max(1, scale);
  const support = kernel.support * filterScale;
  const width = Math.ceil(support) * 2 + 1;
  const taps = emptyTaps(axis.count, width);
  const line = new Float64Array(width);
  for (let i = 0; i < axis.count; i++) {
    const center = (axis.from + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(axis.canvas, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let t = 0; t < last - first; t++) {
      // Multiplying by the reciprocal, as Pillow does, instead of dividing: the last bit may differ.
      line[t] = kernel.weight((t + first - center + 0.5) * (1 / filterScale));
      sum += line[t];
    }
    for (let t = 0; t < last - first; t++) {
      const weight = fixedPoint(sum === 0 ? line[t] : line[t] / sum);
      place(taps, axis, i, first + t - axis.offset, weight);
    }
  }
  return taps;
}

function singleTaps(axis: Axis, position: (index: number) => number): Taps {
  const taps = emptyTaps(axis.count, 1);
  for (let i = 0; i < axis.count; i++) {
    place(taps, axis, i, position(axis.from + i) - axis.offset, 1 << precisionBits);
  }
  return taps;
}

/** Pillow walks in steps and so gathers rounding errors, which decide ties. */
function nearestPositions(axis: Axis): (index: number) => number {
  const step = axis.canvas / axis.target;
  let at = step * 0.5;
  let index = 0;
  return (wanted) => {
    for (; index < wanted; index++) at += step;
    return Math.min(axis.canvas - 1, Math.floor(at));
  };
}

function place(taps: Taps, axis: Axis, output: number, source: number, weight: number): void {
  if (source < 0 || source >= axis.source) {
    taps.outside[output] += weight;
    return;
  }
  if (taps.counts[output] === 0) taps.starts[output] = source;
  taps.weights[output * taps.width + taps.counts[output]++] = weight;
}

function emptyTaps(count: number, width: number): Taps {
  return {
    width,
    starts: new Int32Array(count),
    counts: new Int32Array(count),
    weights: new Int32Array(count * width),
    outside: new Int32Array(count),
  };
}

function fixedPoint(weight: number): number {
  const scaled = weight * (1 << precisionBits);
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}
