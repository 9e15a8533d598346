import type { Arrangement } from "../../../reduce/arrangement.js";
import type { Grid, GridPart } from "../../../reduce/sites.js";
import { separator, tileMap } from "./pack.js";
import { type LineMix, mixLines } from "./shrink.js";

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
  const count = perView * (1 + tiles.rows * tiles.columns);
  const siteAt = tileMap(patches, tiles);
  const kept: number[] = [];
  const offsets = [0];
  const columns: number[] = [];
  const weights: number[] = [];
  const origin: number[] = [];
  const add = (own: number, parts: readonly (readonly [site: number, weight: number])[]) => {
    for (const [site, weight] of parts) {
      if (weight === 0) continue;
      columns.push(site);
      weights.push(weight);
    }
    offsets.push(columns.length);
    origin.push(kept.length);
    kept.push(own);
  };
  for (let site = 0; site < perView; site++) add(site, [[site, 1]]);
  const across = mixLines(shown.columns, size.columns);
  for (const y of mixLines(shown.rows, size.rows)) {
    for (const x of across) {
      const site = (row: number, column: number) => siteAt(shown.top + row, shown.left + column);
      add(site(nearest(y), nearest(x)), [
        [site(y.low, x.low), (1 - y.share) * (1 - x.share)],
        [site(y.low, x.high), (1 - y.share) * x.share],
        [site(y.high, x.low), y.share * (1 - x.share)],
        [site(y.high, x.high), y.share * x.share],
      ]);
    }
    origin.push(separator);
  }
  return {
    plan: {
      patches: count,
      keptPatches: Int32Array.from(kept),
      offsets: Int32Array.from(offsets),
      columns: Int32Array.from(columns),
      weights: Float32Array.from(weights),
    },
    origin: Int32Array.from(origin),
    siteRows: siteRows(patches, count, shown, size, siteAt),
  };
}

function nearest({ low, high, share }: LineMix): number {
  return share > 0.5 ? high : low;
}

/** Each patch's row: its own in the whole picture, in the tiles that of the part of the shrunk map where it lies. */
function siteRows(
  patches: Grid,
  count: number,
  shown: GridPart,
  size: Grid,
  siteAt: ReturnType<typeof tileMap>,
): Int32Array {
  const perView = patches.rows * patches.columns;
  const rows = new Int32Array(count).fill(-1);
  for (let site = 0; site < perView; site++) rows[site] = site;
  for (let y = 0; y < shown.rows; y++) {
    const line = Math.floor(((y + 0.5) * size.rows) / shown.rows);
    for (let x = 0; x < shown.columns; x++) {
      const place = Math.floor(((x + 0.5) * size.columns) / shown.columns);
      rows[siteAt(shown.top + y, shown.left + x)] = perView + line * (size.columns + 1) + place;
    }
  }
  return rows;
}
