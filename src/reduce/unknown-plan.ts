import { PrumergeError } from "../errors.js";
import type { MergePlan } from "./plan.js";

/**
 * The plan of visual tokens whose making nobody can tell, since the reduction is baked into a vision graph: it counts
 * them, stands on no patch and has no entries.
 */
export function unknownPlan(rows: number, patches: number): MergePlan {
  return {
    patches,
    keptPatches: new Int32Array(rows).fill(-1),
    offsets: new Int32Array(rows + 1),
    columns: new Int32Array(0),
    weights: new Float32Array(0),
  };
}

/** Whether a plan only counts its rows: which patches they were made of is not known. */
export function isUnknownPlan(plan: MergePlan): boolean {
  return plan.columns.length === 0;
}

/** @throws PrumergeError INVALID_OPTION for a plan that only counts its rows */
export function requireKnownPlan(plan: MergePlan): void {
  if (!isUnknownPlan(plan)) return;
  throw new PrumergeError("INVALID_OPTION", "which patches were kept is not known", {
    found: "a reduction baked into the vision graph",
    help: "Convert the checkpoint with prumerge convert, and keep the folder whole",
  });
}
