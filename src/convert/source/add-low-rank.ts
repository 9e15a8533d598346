/**
 * rows += scale * b a, in place: `rows` [n, columns], `b` [n, rank], `a` [rank, columns], float32. Sums in float64 four
 * ranks at a time, which halves the traffic on `rows`.
 */
export function addLowRank(
  rows: Float32Array,
  b: Float32Array,
  a: Float32Array,
  rank: number,
  scale: number,
): void {
  const columns = a.length / rank;
  const sums = new Float64Array(columns);
  for (let row = 0, offset = 0; offset < rows.length; row++, offset += columns) {
    sums.fill(0);
    let k = 0;
    for (; k + 4 <= rank; k += 4) {
      const at = row * rank + k;
      addFour(sums, a, k * columns, columns, b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!);
    }
    for (; k < rank; k++) addFour(sums, a, k * columns, 0, b[row * rank + k]!, 0, 0, 0);
    for (let c = 0; c < columns; c++) rows[offset + c]! += scale * sums[c]!;
  }
}

/** sums += b0 a0 + b1 a1 + b2 a2 + b3 a3 for rows of `a` that lie `stride` apart from `from` on. */
function addFour(
  sums: Float64Array,
  a: Float32Array,
  from: number,
  stride: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
): void {
  const second = from + stride;
  const third = second + stride;
  const fourth = third + stride;
  for (let c = 0; c < sums.length; c++) {
    sums[c]! += b0 * a[from + c]! + b1 * a[second + c]! + b2 * a[third + c]! + b3 * a[fourth + c]!;
  }
}
