import { PrumergeError } from "../errors.js";
import type { Matrix } from "../tensor/matrix.js";
import { type MergePlan, planRows } from "./plan.js";
import { requireKnownPlan } from "./unknown-plan.js";

/**
 * The reduced tokens W X.
 *
 * @param plan a well-formed plan, see {@link checkPlan}
 * @param tokens X: the patches [N, C], and for plans that use them the class tokens of the views from row N on
 * @param out rows * C long; allocated if left out
 * @returns [rows, C] over `out`
 * @throws PrumergeError INVALID_TENSOR where the shapes do not fit; INVALID_OPTION for a plan that only counts its rows
 */
export function applyPlan(plan: MergePlan, tokens: Matrix, out?: Float32Array): Matrix {
  requireKnownPlan(plan);
  const rows = planRows(plan);
  const { columns: width, data } = tokens;
  requireSize("tokens.rows", planWidth(plan), tokens.rows);
  requireSize("tokens.data", tokens.rows * width, data.length);
  const result = out ?? new Float32Array(rows * width);
  requireSize("out", rows * width, result.length);
  const sum = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    sum.fill(0);
    for (let at = plan.offsets[row]; at < plan.offsets[row + 1]; at++) {
      const weight = plan.weights[at];
      const start = plan.columns[at] * width;
      for (let c = 0; c < width; c++) sum[c] += weight * data[start + c];
    }
    result.set(sum, row * width);
  }
  return { rows, columns: width, data: result };
}

/**
 * W written out, [rows, N], and wider for plans that use class tokens.
 *
 * @param plan a well-formed plan
 * @throws PrumergeError INVALID_OPTION for a plan that only counts its rows
 */
export function densePlan(plan: MergePlan): Matrix {
  requireKnownPlan(plan);
  const rows = planRows(plan);
  const width = planWidth(plan);
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let at = plan.offsets[row]; at < plan.offsets[row + 1]; at++) {
      data[row * width + plan.columns[at]] = plan.weights[at];
    }
  }
  return { rows, columns: width, data };
}

/** Columns of W: N, and class tokens up to the last one that is used. */
function planWidth({ patches, columns }: MergePlan): number {
  return columns.reduce((most, column) => Math.max(most, column + 1), patches);
}

function requireSize(where: string, expected: number, found: number): void {
  if (expected === found) return;
  throw new PrumergeError("INVALID_TENSOR", "a size does not fit the plan", {
    expected: String(expected),
    found: String(found),
    where,
  });
}
