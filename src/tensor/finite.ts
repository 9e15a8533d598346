/** Index of the first NaN or infinite value, or -1. */
export function firstNonFinite(data: Float32Array): number {
  // 0 * x is 0 for finite x and NaN for the rest: one pass without branches decides the usual case.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += 0 * data[i];
  return sum === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}
