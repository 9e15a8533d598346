import { PrumergeError } from "../errors.js";
import type { Matrix } from "../tensor/matrix.js";
import { requireKnownPlan } from "./unknown-plan.js";

/**
 * The sparse linear map W from a tower's tokens to visual tokens, rows in the order in which the language model gets
 * them; compressed rows: row i has columns[offsets[i] .. offsets[i + 1]] with the weights beside them.
 *
 * The order of a row's columns carries no meaning and differs with the plan's maker: the planner lists the row's own
 * patch, then its neighbours by falling similarity; a plan read from a vision graph lists columns ascending, and without
 * those whose weight is exactly 0. Compare plans of both by {@link densePlan}.
 *
 * A plan without any entries only counts its rows: {@link isUnknownPlan}.
 */
export interface MergePlan {
  /** N: patches of the picture. Column c < N is patch c; column N, used by few methods, is the class token. */
  readonly patches: number;
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Patch that each row stands on, -1 for a row that stands on none (PruMerge's global token). */
  readonly keptPatches: Int32Array;
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float32Array;
}

/** Number of visual tokens that a plan gives. */
export function planRows(plan: MergePlan): number {
  return plan.keptPatches.length;
}

/**
 * The reduced tokens W X.
 *
 * @param plan a well-formed plan, see {@link checkPlan}
 * @param tokens X: the patches [N, C], and for plans that use it the class token as row N
 * @param out rows * C long; allocated if left out
 * @returns [rows, C] over `out`
 * @throws PrumergeError INVALID_TENSOR where the shapes do not fit; INVALID_OPTION for a plan that only counts its rows
 */
export function applyPlan(plan: MergePlan, tokens: Matrix, out?: Float32Array): Matrix {
  requireKnownPlan(plan);
  const rows = planRows(plan);
  const { columns: width, data } = tokens;
  const needed = plan.columns.includes(plan.patches) ? plan.patches + 1 : plan.patches;
  requireSize("tokens.rows", needed, tokens.rows);
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
 * W written out, [rows, N], or [rows, N + 1] for plans that use the class token.
 *
 * @param plan a well-formed plan
 * @throws PrumergeError INVALID_OPTION for a plan that only counts its rows
 */
export function densePlan(plan: MergePlan): Matrix {
  requireKnownPlan(plan);
  const rows = planRows(plan);
  const width = plan.columns.includes(plan.patches) ? plan.patches + 1 : plan.patches;
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let at = plan.offsets[row]; at < plan.offsets[row + 1]; at++) {
      data[row * width + plan.columns[at]] = plan.weights[at];
    }
  }
  return { rows, columns: width, data };
}

function requireSize(where: string, expected: number, found: number): void {
  if (expected === found) return;
  throw new PrumergeError("INVALID_TENSOR", "a size does not fit the plan", {
    expected: String(expected),
    found: String(found),
    where,
  });
}
