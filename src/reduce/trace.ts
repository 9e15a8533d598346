import { type MergePlan, planRows } from "./plan.js";
import { requireKnownPlan } from "./unknown-plan.js";

/** Where a visual token comes from. */
export interface RowTrace {
  /** Patch that the row stands on, -1 for none. */
  readonly keptPatch: number;
  /** What went into it, in the plan's order; patch N is the class token. */
  readonly sources: readonly { readonly patch: number; readonly weight: number }[];
}

/** Where a patch went. */
export interface PatchTrace {
  /** Row that stands on this patch, -1 where none does. */
  readonly keptRow: number;
  /** Rows that it was summed into, ascending. */
  readonly rows: readonly { readonly row: number; readonly weight: number }[];
}

/** Both directions of a plan, to explain and draw it. */
export interface PlanTrace {
  /** One entry per visual token. */
  readonly rows: readonly RowTrace[];
  /** One entry per patch, raster order. */
  readonly patches: readonly PatchTrace[];
}

/**
 * Says for each visual token what it is made of and for each patch where it went.
 *
 * @param plan a well-formed plan
 * @throws PrumergeError INVALID_OPTION for a plan that only counts its rows
 */
export function tracePlan(plan: MergePlan): PlanTrace {
  requireKnownPlan(plan);
  const rows = Array.from({ length: planRows(plan) }, (_, row) => {
    const [start, end] = [plan.offsets[row], plan.offsets[row + 1]];
    const weights = plan.weights.subarray(start, end);
    const sources = Array.from(plan.columns.subarray(start, end), (patch, at) => ({
      patch,
      weight: weights[at],
    }));
    return { keptPatch: plan.keptPatches[row], sources };
  });
  const patches = Array.from({ length: plan.patches }, (_, patch) => ({
    keptRow: plan.keptPatches.indexOf(patch),
    rows: [] as { row: number; weight: number }[],
  }));
  rows.forEach(({ sources }, row) => {
    for (const { patch, weight } of sources) patches[patch]?.rows.push({ row, weight });
  });
  return { rows, patches };
}
