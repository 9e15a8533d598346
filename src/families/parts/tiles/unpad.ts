import type { Grid, GridPart } from "../../../reduce/sites.js";

/** Whose rounding cuts the padding's rows and columns: `int(round(x, 7))` of transformers, or the original code's `int(x)`. */
export const unpadRules = ["hugging-face", "original"] as const;
export type UnpadRule = (typeof unpadRules)[number];

/**
 * The part of a grid of patches, over all tiles, that shows the picture: what `unpad_image` of transformers and of the
 * original LLaVA keep. It goes by the picture's shape and not by its padded pixels, so a patch at its edge may be partly
 * black. The part lies in the middle and has as many rows or columns as the grid or an even number fewer; of a thin
 * picture it may have none.
 *
 * @param picture its size in pixels
 * @param grid patches of all tiles together
 * @param rule whose rounding
 */
export function unpad(
  picture: { readonly width: number; readonly height: number },
  { rows, columns }: Grid,
  rule: UnpadRule,
): GridPart {
  const { width, height } = picture;
  if (width / height > columns / rows) {
    const top = Math.floor((rows - whole(height * (columns / width), rule)) / 2);
    return { top, left: 0, rows: rows - 2 * top, columns };
  }
  const left = Math.floor((columns - whole(width * (rows / height), rule)) / 2);
  return { top: 0, left, rows, columns: columns - 2 * left };
}

/**
 * `int(round(length, 7))` or `int(length)` of Python. `toFixed` rounds the exact value as Python does, but for halves, which
 * go up instead of to the even digit: a double that ends in a half of 10^-7 is an odd multiple of 2^-8, too far from a whole
 * number to become one either way.
 */
function whole(length: number, rule: UnpadRule): number {
  return Math.trunc(rule === "original" ? length : Number(length.toFixed(7)));
}

/**
 * The part of one tile that shows the picture, in the tile's patches.
 *
 * @param shown the part of all tiles' patches, of {@link unpad}
 * @param tile row and column of the tile in the grid of tiles
 * @param patches of a tile
 */
export function insideTile(
  shown: GridPart,
  tile: { readonly row: number; readonly column: number },
  patches: Grid,
): GridPart {
  const [top, rows] = overlap(shown.top, shown.rows, tile.row * patches.rows, patches.rows);
  const [left, columns] = overlap(shown.left, shown.columns, tile.column * patches.columns, patches.columns);
  return { top, left, rows, columns };
}

/** Where a span of a line lies within another that begins at `start`: its begin there, and its length. */
function overlap(from: number, count: number, start: number, length: number): [from: number, count: number] {
  const begin = Math.min(Math.max(0, from - start), length);
  const end = Math.min(Math.max(begin, from + count - start), length);
  return [begin, end - begin];
}
