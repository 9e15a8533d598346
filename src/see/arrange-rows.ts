import { applyPlan } from "../reduce/apply-plan.js";
import type { Arrangement } from "../reduce/arrangement.js";
import type { Sites } from "../reduce/sites.js";
import type { Matrix } from "../tensor/matrix.js";

/** The projected patches of one region, and the site of their first. */
export interface RegionRows {
  readonly first: number;
  readonly embeddings: Matrix;
}

/**
 * The rows of an unreduced prompt, out of the projected patches of each region.
 *
 * @param parts of every region that the arrangement takes rows from
 * @param separator [D], where the arrangement has some
 */
export function arrangeRows(
  { plan, origin }: Arrangement,
  { count, regions }: Sites,
  parts: readonly RegionRows[],
  separator: Float32Array | undefined,
): Matrix {
  const [{ embeddings: first }] = parts as [RegionRows];
  if (regions.length === 1 && separator === undefined) return first; // in the prompt's order already
  const { columns } = first;
  const projected = { rows: count, columns, data: new Float32Array(count * columns) };
  for (const { embeddings, first: site } of parts) projected.data.set(embeddings.data, site * columns);
  const arranged = applyPlan(plan, projected);
  const data = new Float32Array(origin.length * columns);
  origin.forEach((row, at) => {
    const from = row < 0 ? separator! : arranged.data.subarray(row * columns, (row + 1) * columns);
    data.set(from, at * columns);
  });
  return { rows: origin.length, columns, data };
}

/** Matrices of one width, one below another. */
export function stackRows(parts: readonly Matrix[]): Matrix {
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const { columns } = parts[0]!;
  const data = new Float32Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, columns, data };
}
