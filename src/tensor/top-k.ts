/**
 * Indices of the k largest values, descending; of equal values the lowest index first. Insertion into a sorted list with
 * binary search: for the k of this package (tens of hundreds) faster than sorting.
 *
 * @param values no NaN
 * @param k 0 .. number of values (one less with `skip`)
 * @param out at least k long; allocated if left out
 * @param skip an index that is left out of the competition
 * @returns `out`
 */
export function topK(
  values: Float32Array | Float64Array,
  k: number,
  out: Int32Array = new Int32Array(k),
  skip = -1,
): Int32Array {
  const best = new Float64Array(k);
  let filled = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (index === skip || (filled === k && !(value > best[k - 1]))) continue;
    let low = 0;
    let high = filled;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (best[middle] >= value) low = middle + 1;
      else high = middle;
    }
    if (filled < k) filled++;
    for (let at = filled - 1; at > low; at--) {
      best[at] = best[at - 1];
      out[at] = out[at - 1];
    }
    best[low] = value;
    out[low] = index;
  }
  return out;
}
