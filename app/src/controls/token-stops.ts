/**
 * Counts of visual tokens that the slider offers: every one where each changes the picture, coarser where few do.
 *
 * @param most the last of them
 * @param leading those that every reduction leaves as they are; at least one more is offered
 */
export function tokenStops(most: number, leading = 0): number[] {
  const stops: number[] = [];
  for (let count = 1 + leading; count < most; count += stepAt(count)) stops.push(count);
  return [...stops, most];
}

function stepAt(count: number): number {
  if (count < 64) return 1;
  if (count < 192) return 4;
  return count < 1024 ? 16 : 64;
}

/** The stop nearest to a count. */
export function nearestStop(stops: readonly number[], count: number): number {
  return stops.reduce(
    (best, stop, i) => (Math.abs(stop - count) < Math.abs(stops[best]! - count) ? i : best),
    0,
  );
}
