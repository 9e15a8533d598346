import { identitySettings } from "../../../src/graphs/reduction/prumerge-program.js";
import type { PruMergeSettings } from "../../../src/reduce/prumerge-settings.js";
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
      const patches = signals.patches.rows;
      const program = reducer.inGraph?.(patches, rowRoom(reducer, patches));
      if (program === undefined) throw new Error(`${reducer.method} has no in-graph form`);
      const settings = program === "identity" ? identitySettings(patches) : program.settings;
      return graph.reduce(signals, settings as unknown as PruMergeSettings);
    },
  };
}
