import type { MergePlan } from "../reduce/plan.js";
import type { Sites } from "../reduce/sites.js";

/**
 * The view of each row of a plan over several: that of its patch, or of the first of what it is made of. A row of nothing, such
 * as a global token where every patch was kept, follows those of its view.
 */
export function rowViews(
  { keptPatches, offsets, columns }: MergePlan,
  { count, regions }: Sites,
): Int32Array {
  let view = 0;
  return keptPatches.map((patch, row) => {
    const start = offsets[row]!;
    const site = patch >= 0 ? patch : start < offsets[row + 1]! ? columns[start]! : undefined;
    if (site === undefined) return view;
    // Class tokens of the views stand behind all sites.
    view = site >= count ? site - count : regions.findLastIndex(({ first }) => first <= site);
    return view;
  });
}
