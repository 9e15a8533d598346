/**
 * Counts of visual tokens that the slider offers: every one where each changes the picture, coarser where few do.
 *
 * @param unreduced the last of them
 * @param leading those that every reduction leaves as they are; at least one more is offered
 */
export function tokenStops(unreduced: number, leading = 0): number[] {
  const stops: number[] = [];
  for (let count = 1 + leading; count < unreduced; count += count < 64 ? 1 : count < 192 ? 4 : 16)
    stops.push(count);
  return [...stops, unreduced];
}

/** The stop nearest to a count. */
export function nearestStop(stops: readonly number[], count: number): number {
  return stops.reduce(
    (best, stop, i) => (Math.abs(stop - count) < Math.abs(stops[best]! - count) ? i : best),
    0,
  );
}
