import type { Arrangement } from "../reduce/arrangement.js";
import type { Sites } from "../reduce/sites.js";
import type { Matrix } from "../tensor/matrix.js";

/** The projected patches of one region, and the site of their first. */
export interface RegionRows {
  readonly first: number;
  readonly embeddings: Matrix;
  /** Rows before them: a class token's, which is column N + v of a plan where v is the region. Default: none. */
  readonly lead?: number;
}

/**
 * The rows of an unreduced prompt, out of the projected patches of each region. Beside these and the rows nothing of their size
 * is made: of many tiles they are hundreds of megabytes.
 *
 * @param parts of every region that the arrangement takes rows from, in the regions' order
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
  const at = (column: number) => rowAt(column, count, parts);
  const { columns: width } = first;
  const data = new Float32Array(origin.length * width);
  const sum = new Float64Array(width);
  for (const [place, row] of origin.entries()) {
    data.set(row < 0 ? separator! : rowOf(plan, row, at, sum), place * width);
  }
  return { rows: origin.length, columns: width, data };
}

/** One row of a plan: the patch itself where it is one, else the sum, which is written over the one before. */
function rowOf(
  { offsets, columns, weights }: Arrangement["plan"],
  row: number,
  at: (column: number) => Float32Array,
  sum: Float64Array,
): ArrayLike<number> {
  const [from, to] = [offsets[row]!, offsets[row + 1]!];
  if (to === from + 1 && weights[from] === 1) return at(columns[from]!);
  sum.fill(0);
  for (let entry = from; entry < to; entry++) {
    const patch = at(columns[entry]!);
    for (let c = 0; c < sum.length; c++) sum[c]! += weights[entry]! * patch[c]!;
  }
  return sum;
}

function rowAt(column: number, sites: number, parts: readonly RegionRows[]): Float32Array {
  if (column >= sites) return rowOfRegion(parts[column - sites]!, 0);
  const part = parts.findLast(({ first }) => first <= column)!;
  return rowOfRegion(part, (part.lead ?? 0) + column - part.first);
}

function rowOfRegion({ embeddings: { columns, data } }: RegionRows, row: number): Float32Array {
  return data.subarray(row * columns, (row + 1) * columns);
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
