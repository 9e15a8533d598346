import { PrumergeError } from "../errors.js";
import { readsRowsAlone } from "../reduce/method-support.js";
import type { Reducer } from "../reduce/reducer.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * Where sites are rows behind the projector there is nothing else to read.
 *
 * @throws PrumergeError INVALID_OPTION for a reducer that reads layers of the tower
 */
export function refuseLayerReader(reducer: Reducer): void {
  if (readsRowsAlone(reducer)) return;
  throw new PrumergeError(
    "INVALID_OPTION",
    "this method reads layers of the vision tower, which this model does not show",
    {
      where: reducer.method,
      expected: "a method that reads patches after the projector, or none",
      found: "need: { layers }",
      help: "Choose cover, divprune or a sampling",
    },
  );
}

/** Of words as wide as a row of the language model's input what pictures are compared with: their own part of it. */
export function firstColumns({ rows, columns, data }: Matrix, count: number): Matrix {
  if (count >= columns) return { rows, columns, data };
  const first = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++)
    first.set(data.subarray(row * columns, row * columns + count), row * count);
  return { rows, columns: count, data: first };
}
