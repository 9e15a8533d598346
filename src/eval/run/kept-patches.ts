import type { MergePlan } from "../../reduce/plan.js";
import type { Sites } from "../../reduce/sites.js";
import { isUnknownPlan } from "../../reduce/unknown-plan.js";
import type { AnswerRecord } from "./run-folder.js";

type Kept = NonNullable<AnswerRecord["kept"]>;

/**
 * The patches of a plan's rows as a journal keeps them; null for a plan that does not tell, and for a picture of several
 * views.
 */
export function writeKeptPatches(plan: MergePlan, { regions }: Sites): Kept | null {
  if (isUnknownPlan(plan) || regions.length > 1) return null;
  const { rows, columns } = regions[0]!;
  const mask = new Uint8Array(Math.ceil(plan.patches / 8));
  for (const patch of plan.keptPatches) if (patch >= 0) mask[patch >> 3]! |= 1 << (patch & 7);
  return {
    count: plan.keptPatches.filter((patch) => patch >= 0).length,
    mask: Buffer.from(mask).toString("base64"),
    rows,
    columns,
  };
}

/** The kept patches of a record, ascending; patch p lies in row floor(p / columns) of the grid. */
export function readKeptPatches({ mask, rows, columns }: Kept): number[] {
  const bytes = Buffer.from(mask, "base64");
  const patches = Array.from({ length: rows * columns }, (_, patch) => patch);
  return patches.filter((patch) => ((bytes[patch >> 3] ?? 0) >> (patch & 7)) & 1);
}
