/** Counts that the slider offers: every one where each changes the picture, coarser where few do. */
export function tokenStops(patches: number): number[] {
  const stops: number[] = [];
  for (let count = 1; count < patches; count += count < 64 ? 1 : count < 192 ? 4 : 16) stops.push(count);
  return [...stops, patches];
}

/** The stop nearest to a count. */
export function nearestStop(stops: readonly number[], count: number): number {
  return stops.reduce(
    (best, stop, i) => (Math.abs(stop - count) < Math.abs(stops[best]! - count) ? i : best),
    0,
  );
}
