import type { Rectangle } from "../resize-options.js";
import type { TileGrid } from "./grid.js";

/**
 * Where a picture lies in a grid of tiles, pixels of the grid: as large as fits, in the middle, the odd pixel free on the
 * right or at the bottom. transformers' `get_patch_output_size` and padding: rounded up here, where the choice of the grid
 * cuts off and the unpadding of patches rounds again in its own way.
 */
export function fitGrid(width: number, height: number, [gridHeight, gridWidth]: TileGrid): Rectangle {
  const across = gridWidth / width;
  const down = gridHeight / height;
  const [newWidth, newHeight] =
    across < down
      ? [gridWidth, Math.min(Math.ceil(height * across), gridHeight)]
      : [Math.min(Math.ceil(width * down), gridWidth), gridHeight];
  return {
    x: Math.floor((gridWidth - newWidth) / 2),
    y: Math.floor((gridHeight - newHeight) / 2),
    width: newWidth,
    height: newHeight,
  };
}
