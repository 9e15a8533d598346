import { inverseNorms } from "../tensor/cosine.js";
import { dotSomeRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * Cosines of some rows of a matrix with all of them, worked out when first asked for; of two rows that are asked for, once.
 * The cosine of two rows has the same bits from both ends.
 */
export class SimilarityRows {
  readonly #matrix: Matrix;
  readonly #inverse: Float64Array;
  readonly #rows: (Float64Array | undefined)[];
  /** Rows that were not asked for yet, in any order. */
  readonly #open: Int32Array;
  readonly #placeOf: Int32Array;
  #waiting: number;
  readonly #dots: Float64Array;

  constructor(matrix: Matrix) {
    this.#matrix = matrix;
    this.#inverse = inverseNorms(matrix);
    this.#rows = Array.from({ length: matrix.rows });
    this.#open = Int32Array.from({ length: matrix.rows }, (_, row) => row);
    this.#placeOf = this.#open.slice();
    this.#waiting = matrix.rows;
    this.#dots = new Float64Array(matrix.rows);
  }

  has(row: number): boolean {
    return this.#rows[row] !== undefined;
  }

  /** [rows], float64. */
  of(row: number): Float64Array {
    const known = this.#rows[row];
    if (known !== undefined) return known;
    const { rows, columns, data } = this.#matrix;
    const own = data.subarray(row * columns, (row + 1) * columns);
    const made = new Float64Array(rows);
    dotSomeRows(own, this.#matrix, this.#open, 0, this.#waiting, this.#dots);
    for (let at = 0; at < this.#waiting; at++) {
      const other = this.#open[at];
      made[other] = this.#dots[at] * (this.#inverse[row] * this.#inverse[other]);
    }
    this.#rows.forEach((other, at) => {
      if (other !== undefined) made[at] = other[row];
    });
    this.#rows[row] = made;
    this.#close(row);
    return made;
  }

  #close(row: number): void {
    const last = this.#open[--this.#waiting];
    const at = this.#placeOf[row];
    this.#open[at] = last;
    this.#placeOf[last] = at;
  }
}
