import { PrumergeError } from "../errors.js";
import { type MergePlan, planRows } from "./plan.js";

/**
 * Refuses a plan that is not well formed (INVALID_TENSOR): there is a patch and at least one row; offsets
 * rise from 0 to the number of entries; columns lie in 0 .. N - 1 + views (class tokens from N on) and none occurs twice in a row;
 * weights are finite; kept patches are -1 or distinct patches, each among its own row's columns.
 *
 * @param views of the picture, default 1
 */
export function checkPlan(plan: MergePlan, views = 1): void {
  const { patches, keptPatches, offsets, columns, weights } = plan;
  const rows = planRows(plan);
  if (!Number.isInteger(patches) || patches < 1) refuse("patches", "a whole number, 1 or more", `${patches}`);
  if (rows < 1) refuse("keptPatches", "at least one row", "none");
  if (offsets.length !== rows + 1 || offsets[0] !== 0 || offsets[rows] !== columns.length) {
    refuse("offsets", `${rows + 1} values from 0 to ${columns.length}`, `[${offsets.join(", ")}]`);
  }
  if (weights.length !== columns.length) {
    refuse("weights", `${columns.length} values`, `${weights.length}`);
  }
  for (let row = 0; row < rows; row++) {
    const [start, end] = [offsets[row], offsets[row + 1]];
    if (end < start) refuse(`offsets[${row + 1}]`, `at least ${start}`, `${end}`);
    const sources = new Set(columns.subarray(start, end));
    if (sources.size < end - start) refuse(`row ${row}`, "each column once", "a column twice");
    const kept = keptPatches[row];
    if (kept !== -1 && !(kept < patches && sources.has(kept))) {
      refuse(`row ${row}`, "a patch among its own columns, or -1", `${kept}`);
    }
  }
  const outside = columns.find((column) => column < 0 || column >= patches + views);
  if (outside !== undefined) refuse("columns", `0 .. ${patches + views - 1}`, `${outside}`);
  const infinite = weights.find((weight) => !Number.isFinite(weight));
  if (infinite !== undefined) refuse("weights", "finite numbers", `${infinite}`);
  const standing = keptPatches.filter((patch) => patch !== -1);
  if (new Set(standing).size < standing.length) refuse("keptPatches", "distinct patches", "one twice");
}

function refuse(where: string, expected: string, found: string): never {
  throw new PrumergeError("INVALID_TENSOR", "the merge plan is not well formed", { expected, found, where });
}
