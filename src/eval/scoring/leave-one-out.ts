/** Answers that people gave to one question of VQAv2 or TextVQA. */
export const annotators = 10;

/**
 * VQA accuracy: the mean, over the ten people, of min(1, n / 3), n of the other nine agreeing with the prediction. By the
 * number of people who agree that is 0, 0.3, 0.6, 0.9, then 1 (not the 0, 1/3, 2/3, 1 of the formula that papers print).
 *
 * @param agreeing people whose answer equals the prediction, 0 to 10
 */
export function leaveOneOut(agreeing: number): number {
  return Math.min(3 * agreeing, annotators) / annotators;
}

/** How many of the texts equal one. */
export function countEqual(texts: readonly string[], one: string): number {
  let count = 0;
  for (const text of texts) if (text === one) count++;
  return count;
}
