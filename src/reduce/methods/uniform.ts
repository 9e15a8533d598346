import type { Budget } from "../budget.js";
import { placesPerLine } from "../grid-cells.js";
import { evenLine, gridSample } from "../grid-sample.js";
import type { Method } from "../method.js";
import { integerOption, refuseOption, refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import {
  quarter,
  type SamplingBudget,
  samplingBudget,
  samplingKinds,
  samplingReducer,
} from "../sampling-reducer.js";
import type { Grid } from "../sites.js";

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
 * @throws PrumergeError INVALID_OPTION for options out of range, or with both a budget and a grid
 * @example
 * ```ts
 * const plan = uniformSampling({ rows: 6, columns: 7 }).plan(signals);
 * ```
 */
export function uniformSampling(options: UniformSamplingOptions = {}): Reducer {
  refuseUnknownOptions("uniform", options, ["tokens", "keepRatio", "rows", "columns"]);
  const { tokens, keepRatio, rows, columns } = options;
  const counted = tokens !== undefined || keepRatio !== undefined;
  return createUniform({ rows, columns }, counted ? samplingBudget("uniform", options) : undefined);
}

type GridOptions = { readonly rows?: unknown; readonly columns?: unknown };

function createUniform({ rows, columns }: GridOptions, budget: Budget | undefined): Reducer {
  if (rows === undefined && columns === undefined) {
    return samplingReducer("uniform", budget ?? quarter, {}, spread);
  }
  const down = integerOption("uniform", "rows", rows, 1);
  integerOption("uniform", "columns", columns, 1);
  if (budget !== undefined) refuseOption("uniform", "rows", "either a budget or rows and columns", "both");
  return {
    ...samplingReducer("uniform", { kind: "rule" }, {}, (grid) => {
      integerOption("uniform", "rows", rows, 1, grid.rows);
      return gridSample(grid, down, integerOption("uniform", "columns", columns, 1, grid.columns));
    }),
    options: Object.freeze({ rows, columns }), // the grid says by itself how many patches it has
  };
}

function spread(grid: Grid, count: number): Int32Array {
  const perLine = placesPerLine(grid, count);
  return Int32Array.from(
    perLine.flatMap((across, line) => {
      const row = evenLine(line, perLine.length, grid.rows);
      return Array.from({ length: across }, (_, i) => row * grid.columns + evenLine(i, across, grid.columns));
    }),
  );
}

export const uniformMethod: Method = {
  name: "uniform",
  description: "patches spread evenly over the picture",
  budgets: samplingKinds,
  defaultBudget: quarter,
  baseline: true,
  create(options, budget) {
    refuseUnknownOptions("uniform", options, ["rows", "columns"]);
    return createUniform(options, budget);
  },
};
