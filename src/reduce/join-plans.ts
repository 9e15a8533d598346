import type { MergePlan } from "./plan.js";
import { insideSites, type Sites } from "./sites.js";

/**
 * One plan of the plans of each region, block-diagonal: their rows one after another, over the sites of all regions.
 *
 * @param plans each over the patches of its region that show the picture; undefined for a region that gives no row
 */
export function joinPlans({ count, regions }: Sites, plans: readonly (MergePlan | undefined)[]): MergePlan {
  const parts = plans.flatMap((plan, at) =>
    plan === undefined ? [] : [{ plan, sites: insideSites(regions[at]), view: at }],
  );
  const sum = (length: (plan: MergePlan) => number) =>
    parts.reduce((total, { plan }) => total + length(plan), 0);
  const entries = sum((plan) => plan.columns.length);
  const joined = {
    patches: count,
    keptPatches: new Int32Array(sum((plan) => plan.keptPatches.length)),
    offsets: new Int32Array(sum((plan) => plan.keptPatches.length) + 1),
    columns: new Int32Array(entries),
    weights: new Float32Array(entries),
  };
  let [row, entry] = [0, 0];
  for (const { plan, sites, view } of parts) {
    joined.keptPatches.set(
      plan.keptPatches.map((patch) => (patch < 0 ? patch : sites[patch])),
      row,
    );
    joined.offsets.set(
      plan.offsets.map((offset) => offset + entry),
      row,
    );
    joined.columns.set(
      plan.columns.map((column) => (column < plan.patches ? sites[column] : count + view)),
      entry,
    );
    joined.weights.set(plan.weights, entry);
    row += plan.keptPatches.length;
    entry += plan.columns.length;
  }
  return joined;
}
