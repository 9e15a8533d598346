import type { Grid } from "../../../reduce/sites.js";

/** What a map's sides may be longer by, as the root of its area, before it is shrunk. */
const tolerated = 1.1;

/**
 * The size that a map of tiles' patches has in the unreduced prompt, by the rule that the original LLaVA calls
 * `anyres_max_N` and transformers `vision_aspect_ratio`: a map of clearly more patches than N tiles have is shrunk to about
 * as many. The sides are cut off by one factor, so that their relation is only nearly kept.
 *
 * @param map rows and columns of patches that show the picture
 * @param patches of a tile
 * @param mostTiles N
 */
export function shrunkSize({ rows, columns }: Grid, patches: number, mostTiles: number): Grid {
  const ratio = Math.sqrt((rows * columns) / (mostTiles * patches));
  if (!(ratio > tolerated)) return { rows, columns };
  return { rows: floorDivide(rows, ratio), columns: floorDivide(columns, ratio) };
}

/** Python's `//` of doubles, which a quotient that was rounded up to a whole number does not lead astray. */
function floorDivide(dividend: number, divisor: number): number {
  return Math.round((dividend - (dividend % divisor)) / divisor);
}

/** Of which two lines of a map a line of the shrunk one is made: `low` with 1 - share, `high` with share. */
export interface LineMix {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/**
 * Bilinear resampling of one axis as PyTorch's `interpolate` does it without antialiasing and `align_corners`: a line reads
 * the two lines beside its middle, however many lie between. In float32, as there: with doubles a share differs by as much
 * as a line's number is rounded.
 *
 * @param from lines of the map
 * @param to lines of the shrunk map, at most as many
 */
export function mixLines(from: number, to: number): LineMix[] {
  const { fround } = Math;
  const scale = fround(from / to);
  return Array.from({ length: to }, (_, line) => {
    const middle = Math.max(0, fround(fround(scale * (line + 0.5)) - 0.5));
    const low = Math.min(Math.floor(middle), from - 1);
    const high = Math.min(low + 1, from - 1);
    return { low, high, share: high === low ? 0 : fround(middle - low) };
  });
}
