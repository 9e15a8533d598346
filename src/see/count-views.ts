import type { MergePlan } from "../reduce/plan.js";
import { insideOf, type Sites } from "../reduce/sites.js";
import { rowViews } from "./row-views.js";
import type { ViewCounts } from "./visual-tokens.js";

/** How many rows of a plan each view has. */
export function countViews(plan: MergePlan, sites: Sites): ViewCounts[] {
  const rows = sites.regions.map(() => 0);
  for (const view of rowViews(plan, sites)) rows[view]! += 1;
  return sites.regions.map((region, view) => {
    const inside = insideOf(region);
    return { patches: inside.rows * inside.columns, visualTokens: rows[view]! };
  });
}
