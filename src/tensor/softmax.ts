/** Replaces scores by exp(scale * score - max) / sum, in float64. */
export function softmaxInPlace(scores: Float64Array, scale: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, scores[i]);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = Math.exp(scale * (scores[i] - largest));
    sum += scores[i];
  }
  for (let i = 0; i < scores.length; i++) scores[i] /= sum;
}
