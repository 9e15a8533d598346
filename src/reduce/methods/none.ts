import { refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { samplingReducer } from "../sampling-reducer.js";

/** Every patch unchanged, in raster order: the model as it is without reduction. Takes no options. */
export function noReduction(options: Readonly<Record<string, never>> = {}): Reducer {
  refuseUnknownOptions("none", options, []);
  return {
    ...samplingReducer("none", {}, ({ rows, columns }) =>
      Int32Array.from({ length: rows * columns }, (_, patch) => patch),
    ),
    graphSettings: (patches) => ({
      exact: true,
      count: patches,
      iqrFactor: 1.5,
      neighbours: 0,
      spatial: false,
      globalToken: false,
      rasterOrder: true,
    }),
  };
}
