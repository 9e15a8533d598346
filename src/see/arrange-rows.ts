import type { Arrangement } from "../reduce/arrangement.js";
import type { Sites } from "../reduce/sites.js";
import type { Matrix } from "../tensor/matrix.js";

/** The projected patches of one region. */
export interface RegionRows {
  readonly embeddings: Matrix;
  /** Rows before them: a class token's, which is column N + v of a plan where v is the region. Default: none. */
  readonly lead?: number;
}

/**
 * The rows of an unreduced prompt, out of the projected patches of one region after another: each region's are put where they go when it
 * comes, so that of many tiles, hundreds of megabytes, there are the rows and one region at a time.
 */
export class ArrangedRows {
  /** Of each region, where its patches go: pairs of a row of the prompt and an entry of the plan. */
  readonly #entries: readonly (readonly number[])[];
  readonly #alone: boolean;
  #data: Float32Array | undefined;
  #only: Matrix | undefined;

  /** @param separated whether there are separators, which are told at the {@link end} */
  constructor(
    readonly arrangement: Arrangement,
    readonly sites: Sites,
    separated: boolean,
  ) {
    this.#alone = sites.regions.length === 1 && !separated; // in the prompt's order already
    this.#entries = this.#alone ? [] : entriesOf(arrangement, sites);
  }

  /** @param region its number; one that the arrangement takes nothing of may be left out */
  add(region: number, { embeddings, lead = 0 }: RegionRows): void {
    if (this.#alone) {
      this.#only = embeddings;
      return;
    }
    const { plan, origin } = this.arrangement;
    const { count, regions } = this.sites;
    const { columns: width, data: rows } = embeddings;
    this.#data ??= new Float32Array(origin.length * width);
    const [data, entries] = [this.#data, this.#entries[region]!];
    for (let at = 0; at < entries.length; at += 2) {
      const [to, entry] = [entries[at]!, entries[at + 1]!];
      const place = to * width;
      const alone = plan.offsets[origin[to]! + 1]! - plan.offsets[origin[to]!]! === 1;
      const column = plan.columns[entry]!;
      const from = (column >= count ? 0 : lead + column - regions[region]!.first) * width;
      const row = rows.subarray(from, from + width);
      const weight = plan.weights[entry]!;
      if (alone && weight === 1) data.set(row, place);
      else for (let c = 0; c < width; c++) data[place + c]! += weight * row[c]!;
    }
  }

  /** @param separator [D], where the arrangement has some */
  end(separator: Float32Array | undefined): Matrix {
    if (this.#only !== undefined) return this.#only;
    const { origin } = this.arrangement;
    const data = this.#data!;
    const columns = data.length / origin.length;
    for (const [place, row] of origin.entries()) if (row < 0) data.set(separator!, place * columns);
    return { rows: origin.length, columns, data };
  }
}

function entriesOf({ plan, origin }: Arrangement, { count, regions }: Sites): number[][] {
  const entries: number[][] = regions.map(() => []);
  const regionOf = (column: number) =>
    column >= count ? column - count : regions.findLastIndex(({ first }) => first <= column);
  for (const [place, row] of origin.entries()) {
    if (row < 0) continue;
    for (let entry = plan.offsets[row]!; entry < plan.offsets[row + 1]!; entry++)
      entries[regionOf(plan.columns[entry]!)]!.push(place, entry);
  }
  return entries;
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
