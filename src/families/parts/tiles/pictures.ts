import type { PixelValues } from "../../../image/picture.js";
import type { ModelSpec } from "../../../models/spec.js";
import type { Arrangement } from "../../../reduce/arrangement.js";
import { oneHotRows } from "../../../reduce/one-hot.js";
import type { Grid, GridPart, Sites } from "../../../reduce/sites.js";
import { patchRegions } from "../../patch-regions.js";
import { arrangeShrunk } from "./arrange-shrunk.js";
import { packedOrder, separator } from "./pack.js";
import { shrunkSize } from "./shrink.js";
import { insideTile, type UnpadRule, unpad } from "./unpad.js";

/** What a family of pictures in tiles says of them. */
export interface TiledSpec extends ModelSpec {
  readonly unpad: UnpadRule;
  /** To how many tiles' patches a larger map is shrunk in the unreduced prompt; left out: to none. */
  readonly mostTiles?: number;
}

/**
 * How families run whose pictures are a whole and tiles: the whole picture, then its tiles as one picture with a separator
 * behind each line. A picture of one view has one separator, behind all of it.
 */
export const tiledPictures = {
  tiles: true,
  sites(pixels: PixelValues, spec: TiledSpec): Sites {
    const { count, regions } = patchRegions(pixels, spec.vision);
    const { tiles } = pixels;
    if (tiles === undefined) return { count, regions };
    const shown = shownPart(regions[0]!, tiles, pixels.picture, spec);
    return {
      count,
      regions: regions.map((region, view) => {
        if (view === 0) return region;
        const tile = { row: Math.floor((view - 1) / tiles.columns), column: (view - 1) % tiles.columns };
        const inside = insideTile(shown, tile, region);
        const whole = inside.rows === region.rows && inside.columns === region.columns;
        return whole ? region : { ...region, inside };
      }),
    };
  },
  arrange(sites: Sites, { tiles, picture }: PixelValues, spec: TiledSpec): Arrangement {
    const base: Grid = sites.regions[0]!;
    if (tiles === undefined) {
      const order = Int32Array.from({ length: sites.count + 1 }, (_, site) =>
        site < sites.count ? site : separator,
      );
      return { ...arrangementOf(order, sites), closed: true };
    }
    const shown = shownPart(base, tiles, picture, spec);
    const { mostTiles = Number.POSITIVE_INFINITY } = spec;
    const size = shrunkSize(shown, base.rows * base.columns, mostTiles);
    return size.rows === shown.rows && size.columns === shown.columns
      ? arrangementOf(packedOrder(base, tiles, shown), sites)
      : arrangeShrunk(base, tiles, shown, size);
  },
} as const;

function shownPart(
  patches: Grid,
  tiles: Grid,
  picture: { readonly width: number; readonly height: number },
  { unpad: rule }: TiledSpec,
): GridPart {
  const grid = { rows: tiles.rows * patches.rows, columns: tiles.columns * patches.columns };
  return unpad(picture, grid, rule);
}

/** Sites in a given order, with separators between them. */
function arrangementOf(order: Int32Array, { count }: Sites): Arrangement {
  let row = 0;
  return {
    plan: oneHotRows(
      count,
      order.filter((site) => site !== separator),
    ),
    origin: order.map((site) => (site === separator ? -1 : row++)),
  };
}
