import { evenLine, gridSample } from "../grid-sample.js";
import { integerOption, refuseOption, refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingCount, samplingReducer } from "../sampling-reducer.js";

/** Either a budget, or rows and columns of the sampling grid (both), each up to the patch grid's. */
export interface UniformSamplingOptions extends SamplingBudget {
  readonly rows?: number;
  readonly columns?: number;
}

/**
 * Patches spread evenly over the picture, unchanged and in raster order: the paper's spatial sampling. `rows` x
 * `columns` cross at floor((i + 0.5) size / n); a count T is spread over round(sqrt T) rows, each with T / rows patches,
 * and one more in the first rows where that leaves some over.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range, or with neither a budget nor a grid
 * @example
 * ```ts
 * const plan = uniformSampling({ rows: 6, columns: 7 }).plan(signals);
 * ```
 */
export function uniformSampling(options: UniformSamplingOptions): Reducer {
  refuseUnknownOptions("uniform", options, ["tokens", "keepRatio", "rows", "columns"]);
  const { rows, columns } = options;
  if (rows === undefined && columns === undefined) {
    const countFor = samplingCount("uniform", options);
    return samplingReducer("uniform", { ...options }, (grid) => spread(grid, countFor(grid)));
  }
  integerOption("uniform", "rows", rows, 1);
  integerOption("uniform", "columns", columns, 1);
  if (options.tokens !== undefined || options.keepRatio !== undefined) {
    refuseOption("uniform", "rows", "either a budget or rows and columns", "both");
  }
  return samplingReducer("uniform", { ...options }, (grid) => {
    const down = integerOption("uniform", "rows", rows, 1, grid.rows);
    return gridSample(grid, down, integerOption("uniform", "columns", columns, 1, grid.columns));
  });
}

function spread(grid: { readonly rows: number; readonly columns: number }, count: number): Int32Array {
  // On a square grid round(sqrt T) rows always have room; elongated grids may need fewer or more.
  const fewest = Math.ceil(count / grid.columns);
  const lines = Math.min(grid.rows, Math.max(fewest, Math.round(Math.sqrt(count))));
  const kept: number[] = [];
  for (let line = 0; line < lines; line++) {
    const row = evenLine(line, lines, grid.rows);
    const across = Math.floor(count / lines) + (line < count % lines ? 1 : 0);
    for (let i = 0; i < across; i++) kept.push(row * grid.columns + evenLine(i, across, grid.columns));
  }
  return Int32Array.from(kept);
}
