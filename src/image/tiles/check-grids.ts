import type { TileGrid } from "./grid.js";

/** A model lists 36 at most; each is tried for each picture. */
const maximumGrids = 256;
/** Each tile is a run of the vision tower. Released models have 36 at most. */
const maximumTiles = 64;
/** As many as the largest single square has: 200 MB of float32. */
const maximumPixels = 4096 ** 2;

/** What a list of grids must be, in words for messages. */
export function expectedGrids(tile: number): string {
  return (
    `1 to ${maximumGrids} pairs of height and width, multiples of the tile's ${tile} pixels, each of at most ` +
    `${maximumTiles} tiles and ${maximumPixels} pixels`
  );
}

/**
 * Checks a list of grids before anything of their size is allocated.
 *
 * @param tile side of a tile, pixels
 * @returns the grids, or what was found instead, in words
 */
export function checkGrids(
  value: unknown,
  tile: number,
): { readonly grids: readonly TileGrid[] } | { readonly found: string } {
  if (!Array.isArray(value)) return { found: show(value) };
  if (value.length < 1 || value.length > maximumGrids) return { found: `a list of ${value.length}` };
  const wrong = value.findIndex((pair) => !isGrid(pair, tile));
  if (wrong >= 0) return { found: `${show(value[wrong])} as number ${wrong + 1}` };
  return { grids: value.map(([height, width]) => [height, width] as const) };
}

function isGrid(pair: unknown, tile: number): boolean {
  if (!Array.isArray(pair) || pair.length !== 2) return false;
  if (!pair.every((side) => Number.isSafeInteger(side) && side > 0 && side % tile === 0)) return false;
  const pixels = pair[0] * pair[1];
  return pixels <= maximumPixels && pixels <= maximumTiles * tile * tile;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 100);
}
