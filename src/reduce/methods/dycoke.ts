import type { Budget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import type { Method } from "../method.js";
import { oneHotRows } from "../one-hot.js";
import { refuseOption, refuseUnknownOptions } from "../options.js";
import { placeSimilarity } from "../place-similarity.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";

export interface DyCokeOptions {
  /** Share of a frame that is left out of all but the first frame of each group; 0 .. 1, default 0.7. */
  readonly pruning?: number;
}

const budget = { kind: "rule" } as const satisfies Budget;
const usualPruning = 0.7;
const group = 4;

/**
 * DyCoke's temporal merging: what a frame has in common with an earlier one at the same places is left out. Its second stage, which prunes the
 * language model's cache while it answers, is none of this.
 *
 * Frames go in groups of four, of which the first is kept whole. Of the second and the fourth those tokens are left out that are most similar
 * to the one at their place in the frame before, of the third those most similar to the first frame's, by the cosine behind the
 * projector. Each of these frames keeps int((1 - pruning) N) of its N tokens: a quarter of all at least stays. Tokens are unchanged, in the
 * order of time and raster order. Ties go to the lowest patch.
 *
 * Source: arXiv 2411.15024 and KD-TAO/DyCoke at dd74634, which leaves the third frame of the last group whole, drops the last of an odd
 * number of frames, and orders tokens by similarity. Of a picture, which is one frame, every patch is kept.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(video, dyCoke({ pruning: 0.7 }));
 * ```
 */
export function dyCoke(options: DyCokeOptions = {}): Reducer {
  refuseUnknownOptions("dycoke", options, ["pruning"]);
  const { pruning = usualPruning } = options;
  if (!(typeof pruning === "number" && pruning >= 0 && pruning <= 1))
    refuseOption("dycoke", "pruning", "a number from 0 to 1", pruning);
  return {
    method: "dycoke",
    budget,
    options: Object.freeze({ pruning }),
    need: { projected: true },
    acrossFrames: true,
    plan(signals) {
      checkSignals(signals);
      const rows = projectedRows(signals);
      const { frames = 1 } = signals;
      const patches = rows.rows / frames;
      const count = Math.trunc((1 - pruning) * patches);
      const kept = Array.from({ length: frames }, (_, frame) => {
        const before = frame % group === 2 ? frame - 2 : frame - 1;
        const places =
          frame % group === 0
            ? Array.from({ length: patches }, (_, place) => place)
            : leastSimilar(placeSimilarity(rows, patches, before, frame), count);
        return places.map((place) => frame * patches + place);
      }).flat();
      return oneHotRows(rows.rows, Int32Array.from(kept));
    },
  };
}

/** So many places of the lowest similarity, ascending; ties to the lowest. */
function leastSimilar(similarity: Float64Array, count: number): number[] {
  const order = Array.from(similarity.keys()).sort((a, b) => similarity[a]! - similarity[b]! || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}

export const dyCokeMethod: Method = {
  name: "dycoke",
  description: "of a video's frames, what earlier frames do not show at the same places",
  budgets: [budget.kind],
  defaultBudget: budget,
  create: dyCoke,
};
