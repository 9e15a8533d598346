import type { Axis, WeightLine } from "./weight-line.js";

/** PyTorch keeps weights in 16 bits with their sign. */
const largestWeight = 2 ** 15;

const mostBits = 22;

/**
 * Fraction bits that PyTorch gives the weights of an axis: as many as let the largest weight of all its outputs, not only
 * of those that are wanted, fit into 16 bits.
 */
export function torchvisionBits({ canvas, target }: Axis, line: WeightLine): number {
  // Between the edges weights repeat as often as outputs and source pixels fall together.
  const period = target / greatestCommonDivisor(canvas, target);
  const edge = Math.ceil((line.support + 1) * (target / canvas)) + 1;
  let largest = 0;
  for (let output = 0; output < target; output++) {
    if (output === edge + period) output = Math.max(output, target - edge);
    const { count, weights } = line.at(output);
    for (let t = 0; t < count; t++) largest = Math.max(largest, weights[t]);
  }
  let bits = 0;
  while (bits < mostBits && Math.trunc(0.5 + largest * 2 ** (bits + 1)) < largestWeight) bits++;
  return bits;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
