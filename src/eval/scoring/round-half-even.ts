/**
 * A number with a fixed count of decimals, rounded as Python rounds: a value exactly in the middle to the even digit, where
 * `toFixed` goes up (62.125 is 62.12 for every official scorer).
 *
 * @param decimals 0 to 6
 */
export function roundHalfEven(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  const scale = 2 ** (decimals + 1);
  // Only a number with exactly one more binary than decimal place can lie exactly in the middle.
  const inTheMiddle = Number.isInteger(value * scale) && !Number.isInteger((value * scale) / 2);
  if (!inTheMiddle || Number(text.at(-1)) % 2 === 0) return text;
  const [lower, upper] = [-1, 1].map((step) => (Number(text) + step / 10 ** decimals).toFixed(decimals));
  return Math.abs(Number(lower) - value) < Math.abs(Number(upper) - value) ? lower : upper;
}
