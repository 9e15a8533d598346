import { insideSignals } from "./inside-signals.js";
import { joinPlans } from "./join-plans.js";
import { oneHotRows } from "./one-hot.js";
import type { MergePlan } from "./plan.js";
import type { Reducer } from "./reducer.js";
import { regionRooms, staysWhole } from "./region-rooms.js";
import type { Signals } from "./signals.js";
import { insideSites, type Sites } from "./sites.js";

/**
 * What a method makes of a picture of any number of views, from what was read of each: the budget shared out by the patches that
 * show the picture, each view planned by itself, padding in nothing. It is what a model's `see` does where the reduction is not in the graph.
 *
 * @param signals of each region, all of its patches; of one that gets no row it may be undefined
 * @param fixed rows that the language model gets beside the plan's whatever happens
 * @returns over all sites
 * @throws PrumergeError INVALID_OPTION for a count that the picture cannot give
 */
export function planSites(
  reducer: Reducer,
  sites: Sites,
  signals: readonly (Signals | undefined)[],
  fixed = 0,
): MergePlan {
  const { regions } = sites;
  const plans = regionRooms(reducer, sites, fixed).map((room, at) => {
    if (room === undefined) return undefined;
    const region = regions[at];
    if (staysWhole(region, room, regions.length)) {
      const { length } = insideSites(region);
      return oneHotRows(
        length,
        Int32Array.from({ length }, (_, patch) => patch),
      );
    }
    return reducer.plan(insideSignals(signals[at]!, region), room);
  });
  return joinPlans(sites, plans);
}
