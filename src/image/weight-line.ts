import type { FilterKernel } from "./filter.js";

/** An axis: `source` pixels at `offset` on a canvas of `canvas` pixels, resized to `target`, of which `from .. from + count` is wanted. */
export interface Axis {
  readonly source: number;
  readonly canvas: number;
  readonly offset: number;
  readonly target: number;
  readonly from: number;
  readonly count: number;
}

/** Weights of the outputs of an axis, one after the other; those of the last are overwritten. */
export interface WeightLine {
  readonly width: number;
  /** Source pixels on either side of an output that it may read. */
  readonly support: number;
  at(output: number): { readonly first: number; readonly count: number; readonly weights: Float64Array };
}

/** The normalised weights that a filter gives an axis, in double precision. */
export function weightLine({ canvas, target }: Axis, kernel: FilterKernel): WeightLine {
  const scale = canvas / target;
  const filterScale = Math.max(1, scale);
  const support = kernel.support * filterScale;
  const width = Math.ceil(support) * 2 + 1;
  const weights = new Float64Array(width);
  return {
    width,
    support,
    at(output) {
      const center = (output + 0.5) * scale;
      const first = Math.max(0, Math.trunc(center - support + 0.5));
      const count = Math.min(canvas, Math.trunc(center + support + 0.5)) - first;
      let sum = 0;
      for (let t = 0; t < count; t++) {
        // Multiplying by the reciprocal, as Pillow does, instead of dividing: the last bit may differ.
        weights[t] = kernel.weight((t + first - center + 0.5) * (1 / filterScale));
        sum += weights[t];
      }
      if (sum !== 0) for (let t = 0; t < count; t++) weights[t] /= sum;
      return { first, count, weights };
    },
  };
}
