import { inverseNorms } from "../tensor/cosine.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * Cosine of what two frames show at each place, float64 [patches].
 *
 * @param rows of all frames, [frames * patches, any]
 * @param patches of each frame
 */
export function placeSimilarity(rows: Matrix, patches: number, one: number, other: number): Float64Array {
  const { columns, data } = rows;
  const frame = (at: number) => data.subarray(at * patches * columns, (at + 1) * patches * columns);
  const [first, second] = [frame(one), frame(other)];
  const [a, b] = [first, second].map((part) => inverseNorms({ rows: patches, columns, data: part }));
  return Float64Array.from({ length: patches }, (_, place) => {
    let dot = 0;
    for (let c = place * columns; c < (place + 1) * columns; c++) dot += first[c]! * second[c]!;
    return dot * a![place]! * b![place]!;
  });
}
