import type { TileGrid } from "./grid.js";

/**
 * The grid that shows most of a picture's pixels, and of those the one that wastes least; the first of equals. In the
 * order of operations of transformers' and the original LLaVA's `select_best_resolution`: divide, then multiply, then cut
 * off, in doubles, since a product of 335.99999 becomes 335. Of a picture so thin that no grid would show a whole pixel
 * across it all grids show nothing, and the first of the smallest is taken.
 *
 * @param width of the picture, pixels
 * @param grids at least one
 */
export function chooseGrid(width: number, height: number, grids: readonly TileGrid[]): TileGrid {
  let best = grids[0]!;
  let mostShown = 0;
  let leastWasted = Number.POSITIVE_INFINITY;
  for (const grid of grids) {
    const [gridHeight, gridWidth] = grid;
    const scale = Math.min(gridWidth / width, gridHeight / height);
    const scaled = Math.trunc(width * scale) * Math.trunc(height * scale);
    const shown = Math.min(scaled, width * height);
    const wasted = gridHeight * gridWidth - shown;
    if (shown > mostShown || (shown === mostShown && wasted < leastWasted)) {
      best = grid;
      mostShown = shown;
      leastWasted = wasted;
    }
  }
  return best;
}
