import type { MergePlan } from "./plan.js";

/**
 * How many patches each row stands for, [R]: the number of equal weights that would spread as its own do, (sum w)^2 / sum
 * w^2. A mean of n patches gives n, a patch as it is 1, and a row of nothing, such as a global token where every patch was
 * kept, 1 as well.
 */
export function rowSizes({ offsets, weights }: MergePlan): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, row) => {
    let [sum, squares] = [0, 0];
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      sum += weights[at];
      squares += weights[at] ** 2;
    }
    return squares > 0 ? sum ** 2 / squares : 1;
  });
}
