import type { Rectangle } from "../resize-options.js";
import { chooseGrid } from "./choose-grid.js";
import { fitGrid } from "./fit-grid.js";
import type { TileGrid } from "./grid.js";

/** How a picture lies in a grid of tiles. */
export interface TileGeometry {
  readonly rows: number;
  readonly columns: number;
  /** The resized picture in the grid, pixels of the grid; black around it. */
  readonly picture: Rectangle;
  /** The tiles in raster order: top left corner in pixels of the grid, and what it shows in pixels of the picture. */
  readonly tiles: readonly { readonly x: number; readonly y: number; readonly shows: Rectangle }[];
}

/**
 * Works out the grid of a picture, and where the picture lies in it.
 *
 * @param width of the picture, pixels
 * @param tile side of a tile, pixels
 */
export function tileGeometry(
  width: number,
  height: number,
  tile: number,
  grids: readonly TileGrid[],
): TileGeometry {
  const grid = chooseGrid(width, height, grids);
  const picture = fitGrid(width, height, grid);
  const [rows, columns] = grid.map((side) => side / tile) as [number, number];
  const across = (length: number) => (length * width) / picture.width;
  const down = (length: number) => (length * height) / picture.height;
  const tiles = Array.from({ length: rows * columns }, (_, at) => {
    const [x, y] = [(at % columns) * tile, Math.floor(at / columns) * tile];
    const shows = {
      x: across(x - picture.x),
      y: down(y - picture.y),
      width: across(tile),
      height: down(tile),
    };
    return { x, y, shows };
  });
  return { rows, columns, picture, tiles };
}
