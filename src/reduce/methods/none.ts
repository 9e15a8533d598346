import type { Method } from "../method.js";
import { refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { samplingReducer } from "../sampling-reducer.js";

/** Every patch unchanged, in raster order: the model as it is without reduction. Takes no options. */
export function noReduction(options: Readonly<Record<string, never>> = {}): Reducer {
  refuseUnknownOptions("none", options, []);
  return {
    ...samplingReducer("none", { kind: "all" }, {}, ({ rows, columns }) =>
      Int32Array.from({ length: rows * columns }, (_, patch) => patch),
    ),
    inGraph: () => "identity",
  };
}

export const noneMethod: Method = {
  name: "none",
  description: "every patch: no reduction",
  budgets: ["all"],
  defaultBudget: { kind: "all" },
  create: (options) => noReduction(options as Record<string, never>),
};
