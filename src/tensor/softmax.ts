/** Adds exp(scale * score - max) / sum to a total, in float64. The scores are changed. */
export function addSoftmax(scores: Float64Array, scale: number, total: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i] > largest) largest = scores[i];
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const power = Math.exp(scale * (scores[i] - largest));
    scores[i] = power;
    sum += power;
  }
  for (let i = 0; i < scores.length; i++) total[i] += scores[i] / sum;
}
