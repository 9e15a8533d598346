import type { MergePlan } from "./plan.js";

/** What the language model gets of a picture's projected patches where nothing is reduced: again a linear map. */
export interface Arrangement {
  /** Over the sites of all regions: one row for every visual token that is made of them. */
  readonly plan: MergePlan;
  /** Per row of the prompt the plan's row, or -1 for a separator, which is no patch (LLaVA-NeXT's `image_newline`). */
  readonly origin: Int32Array;
  /** Whether the last row is a separator that ends the picture, and not a line of it: it stays behind a reduction, too. */
  readonly closed?: boolean;
  /**
   * Per site the row of the prompt that shows it, -1 for one that none shows. Left out where every site that is shown has a
   * row of its own, which stands on it.
   */
  readonly siteRows?: Int32Array;
}

/** Every row of a plan in its order, and nothing between them. */
export function plainArrangement(plan: MergePlan): Arrangement {
  return { plan, origin: Int32Array.from({ length: plan.keptPatches.length }, (_, row) => row) };
}
