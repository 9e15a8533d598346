import type { Arrangement } from "../../../reduce/arrangement.js";
import type { Grid, GridPart } from "../../../reduce/sites.js";
import { MixedRows } from "./mixed-rows.js";
import { tileMap } from "./pack.js";

/**
 * The unreduced prompt of a picture whose tiles are shrunk: the whole picture's patches as they are, then the map of all
 * tiles, each row a mixture of four patches at most, each line followed by a separator.
 *
 * @param patches of each view
 * @param tiles as they lie
 * @param shown the part of all tiles' patches that shows the picture
 * @param size what it is shrunk to
 */
export function arrangeShrunk(patches: Grid, tiles: Grid, shown: GridPart, size: Grid): Arrangement {
  const perView = patches.rows * patches.columns;
  const rows = new MixedRows(perView * (1 + tiles.rows * tiles.columns));
  const siteAt = tileMap(patches, tiles);
  for (let site = 0; site < perView; site++) rows.patch(site);
  rows.map(shown, size, (row, column) => siteAt(shown.top + row, shown.left + column), true);
  return rows.arrangement();
}
