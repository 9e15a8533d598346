import { rowRoom } from "../../../src/reduce/row-room.js";
import { ReductionGraph } from "../../support/in-graph-reduction.js";
import type { Implementation } from "./replay.js";

/** The reduction as the vision graphs hold it, over recorded signals. */
export function inGraph(): Implementation {
  const graph = new ReductionGraph();
  return {
    form: "inGraph",
    tolerance: 1e-5,
    async reduce(signals, reducer) {
      const settings = reducer.graphSettings?.(signals.patches.rows, rowRoom(reducer, signals.patches.rows));
      if (settings === undefined) throw new Error(`${reducer.method} has no in-graph form`);
      return graph.reduce(signals, settings);
    },
  };
}
