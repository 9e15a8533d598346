/** Each tile is a run of the vision tower. Released models have 5 x 5 at most. */
const mostAlongASide = 8;

/** As many pixels as the largest single square has along a side. */
const longest = 4096;

/** What the longest edge of a picture that is split into tiles must be, in words for messages. */
export function expectedEdge(tile: number): string {
  return `a whole number from 1 to ${Math.min(longest, mostAlongASide * tile)}, ${mostAlongASide} tiles of ${tile} pixels at most`;
}

/** Whether a picture of this longest edge can be split into tiles of a side. */
export function isEdge(edge: unknown, tile: number): edge is number {
  return (
    Number.isSafeInteger(edge) &&
    (edge as number) >= 1 &&
    (edge as number) <= Math.min(longest, mostAlongASide * tile)
  );
}
