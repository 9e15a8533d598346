import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import type { MergePlan } from "./plan.js";

/**
 * Every patch in one row, that of its centre: the mean of its patches, which stands on the centre and lists it first.
 *
 * @param home [N], per patch its centre, of a centre itself
 * @param order the centres in the order of the rows
 */
export function clusterMeans(home: Int32Array, order: Int32Array): MergePlan {
  const clusters = new Map(Array.from(order, (centre) => [centre, [centre]]));
  home.forEach((centre, patch) => {
    if (centre !== patch) clusters.get(centre)!.push(patch);
  });
  const offsets = new Int32Array(order.length + 1);
  const weights = new Float32Array(home.length);
  [...clusters.values()].forEach((members, row) => {
    offsets[row + 1] = offsets[row] + members.length;
    weights.fill(1 / members.length, offsets[row], offsets[row + 1]);
  });
  const columns = Int32Array.from([...clusters.values()].flat());
  return { patches: home.length, keptPatches: order.slice(), offsets, columns, weights };
}

/**
 * Per patch the centre nearest to it by squared Euclidean distance of `points`, of equal ones the first; of a centre itself.
 *
 * @param points [N, any]
 * @param centres distinct patches, at least one
 */
export function nearestCentre(points: Matrix, centres: Int32Array): Int32Array {
  const nearest = new Int32Array(points.rows);
  const least = new Float64Array(points.rows).fill(Infinity);
  const both = [new Float64Array(points.rows), new Float64Array(points.rows)] as const;
  const row = (at: number) => points.data.subarray(at * points.columns, (at + 1) * points.columns);
  for (let at = 0; at < centres.length; at += 2) {
    const pair = centres.subarray(at, at + 2);
    dotRows(row(pair[0]), row(pair.at(-1)!), points, ...both);
    pair.forEach((centre, which) => {
      const products = both[which];
      const square = products[centre];
      for (let patch = 0; patch < products.length; patch++) {
        // The patch's own square is the same for all centres.
        const distance = square - 2 * products[patch];
        if (distance < least[patch]) {
          nearest[patch] = centre;
          least[patch] = distance;
        }
      }
    });
  }
  for (const centre of centres) nearest[centre] = centre;
  return nearest;
}
