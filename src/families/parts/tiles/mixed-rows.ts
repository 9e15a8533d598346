import type { Arrangement } from "../../../reduce/arrangement.js";
import type { Grid } from "../../../reduce/sites.js";
import { separator } from "./pack.js";
import { type LineMix, mixLines } from "./shrink.js";

/** An unreduced prompt whose rows are patches as they are and mixtures of four at most, made row by row. */
export class MixedRows {
  readonly #kept: number[] = [];
  readonly #offsets = [0];
  readonly #columns: number[] = [];
  readonly #weights: number[] = [];
  readonly #origin: number[] = [];
  readonly #siteRows: Int32Array;

  /** @param count of all sites */
  constructor(count: number) {
    this.#siteRows = new Int32Array(count).fill(-1);
  }

  /** A patch as it is. */
  patch(site: number): void {
    this.#siteRows[site] = this.#origin.length;
    this.#row(site, [[site, 1]]);
  }

  /** A row that is made of no patch. */
  separator(): void {
    this.#origin.push(separator);
  }

  /**
   * A map of patches, bilinearly resampled, line by line.
   *
   * @param from the map's rows and columns
   * @param to those of what becomes of it
   * @param siteAt the patch at a row and a column of the map
   * @param separated whether a separator follows each line
   */
  map(from: Grid, to: Grid, siteAt: (row: number, column: number) => number, separated: boolean): void {
    const start = this.#origin.length;
    const across = mixLines(from.columns, to.columns);
    for (const y of mixLines(from.rows, to.rows)) {
      for (const x of across) {
        this.#row(siteAt(nearest(y), nearest(x)), [
          [siteAt(y.low, x.low), (1 - y.share) * (1 - x.share)],
          [siteAt(y.low, x.high), (1 - y.share) * x.share],
          [siteAt(y.high, x.low), y.share * (1 - x.share)],
          [siteAt(y.high, x.high), y.share * x.share],
        ]);
      }
      if (separated) this.separator();
    }
    const width = to.columns + (separated ? 1 : 0);
    const place = (at: number, of: number, among: number) => Math.floor(((at + 0.5) * among) / of);
    for (let y = 0; y < from.rows; y++) {
      const line = start + place(y, from.rows, to.rows) * width;
      for (let x = 0; x < from.columns; x++)
        this.#siteRows[siteAt(y, x)] = line + place(x, from.columns, to.columns);
    }
  }

  /** What was made. */
  arrangement(): Arrangement {
    return {
      plan: {
        patches: this.#siteRows.length,
        keptPatches: Int32Array.from(this.#kept),
        offsets: Int32Array.from(this.#offsets),
        columns: Int32Array.from(this.#columns),
        weights: Float32Array.from(this.#weights),
      },
      origin: Int32Array.from(this.#origin),
      siteRows: this.#siteRows,
    };
  }

  #row(own: number, parts: readonly (readonly [site: number, weight: number])[]): void {
    for (const [site, weight] of parts) {
      if (weight === 0) continue;
      this.#columns.push(site);
      this.#weights.push(weight);
    }
    this.#offsets.push(this.#columns.length);
    this.#origin.push(this.#kept.length);
    this.#kept.push(own);
  }
}

function nearest({ low, high, share }: LineMix): number {
  return share > 0.5 ? high : low;
}
