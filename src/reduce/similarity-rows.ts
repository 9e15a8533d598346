import { inverseNorms } from "../tensor/cosine.js";
import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * Cosines of some rows of a matrix with all of them, worked out when first asked for; of two rows that are asked for, once.
 * The cosine of two rows has the same bits from both ends.
 */
export class SimilarityRows {
  readonly #inverse: Float64Array;
  readonly #rows: (Float64Array | undefined)[];
  /** Rows that were not worked out yet, in any order: which they are, their numbers, and the place of each. */
  readonly #open: Int32Array;
  readonly #openData: Float32Array;
  readonly #placeOf: Int32Array;
  readonly #columns: number;
  #waiting: number;
  /** In the order in which rows will probably be asked for. */
  readonly #likely: Int32Array;
  #next = 0;
  readonly #dots: readonly [Float64Array, Float64Array];

  /** @param likely every row, those first that will probably be asked for: two are worked out in little more than the time of one */
  constructor(matrix: Matrix, likely: Int32Array) {
    const { rows, columns, data } = matrix;
    this.#inverse = inverseNorms(matrix);
    this.#rows = Array.from({ length: rows });
    this.#open = Int32Array.from({ length: rows }, (_, row) => row);
    this.#placeOf = this.#open.slice();
    this.#openData = data.slice();
    this.#columns = columns;
    this.#waiting = rows;
    this.#likely = likely;
    this.#dots = [new Float64Array(rows), new Float64Array(rows)];
  }

  has(row: number): boolean {
    return this.#rows[row] !== undefined;
  }

  /** [rows], float64. */
  of(row: number): Float64Array {
    return this.#rows[row] ?? this.#work(row, this.#partnerOf(row));
  }

  #work(row: number, partner: number): Float64Array {
    const pair = partner === row ? [row] : [row, partner];
    const open = {
      rows: this.#waiting,
      columns: this.#columns,
      data: this.#openData.subarray(0, this.#waiting * this.#columns),
    };
    dotRows(this.#openRow(row), this.#openRow(partner), open, ...this.#dots);
    const made = pair.map((own, at) => {
      const cosines = new Float64Array(this.#open.length);
      for (let place = 0; place < this.#waiting; place++) {
        const other = this.#open[place];
        cosines[other] = this.#dots[at][place] * (this.#inverse[own] * this.#inverse[other]);
      }
      this.#rows.forEach((other, known) => {
        if (other !== undefined) cosines[known] = other[own];
      });
      return cosines;
    });
    pair.forEach((own, at) => {
      this.#rows[own] = made[at];
      this.#close(own);
    });
    return made[0];
  }

  /** The next likely row that was not worked out, or the row itself where there is none. */
  #partnerOf(row: number): number {
    for (; this.#next < this.#likely.length; this.#next++) {
      const likely = this.#likely[this.#next];
      if (likely !== row && !this.has(likely)) return likely;
    }
    return row;
  }

  #openRow(row: number): Float32Array {
    const start = this.#placeOf[row] * this.#columns;
    return this.#openData.subarray(start, start + this.#columns);
  }

  /** The last open row takes its place. */
  #close(row: number): void {
    const last = --this.#waiting;
    const place = this.#placeOf[row];
    const moved = this.#open[last];
    this.#openData.copyWithin(place * this.#columns, last * this.#columns, (last + 1) * this.#columns);
    this.#open[place] = moved;
    this.#placeOf[moved] = place;
  }
}
