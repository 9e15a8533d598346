/** A dense row-major float32 matrix; element (r, c) is `data[r * columns + c]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}
