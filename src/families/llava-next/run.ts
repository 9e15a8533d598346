import type { Arrangement } from "../../reduce/arrangement.js";
import { oneHotRows } from "../../reduce/one-hot.js";
import type { Grid, GridPart, Sites } from "../../reduce/sites.js";
import type { RunFamily } from "../family.js";
import { patchRegions } from "../patch-regions.js";
import { packedOrder, separator } from "./pack.js";
import { type LlavaNextSpec, llavaNextSchema } from "./spec.js";
import { insideTile, unpad } from "./unpad.js";

/** LLaVA-NeXT (v1.6): the whole picture, then its tiles as one picture with a separator behind each line. */
export const llavaNext: RunFamily<LlavaNextSpec> = {
  name: "llava-next",
  schema: llavaNextSchema,
  tiles: true,
  sites(pixels, spec) {
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
  arrange(sites, { tiles, picture }, spec) {
    const base: Grid = sites.regions[0]!;
    const order =
      tiles === undefined
        ? Int32Array.from({ length: sites.count }, (_, site) => site)
        : packedOrder(base, tiles, shownPart(base, tiles, picture, spec));
    return arrangementOf(order, sites);
  },
};

function shownPart(
  patches: Grid,
  tiles: Grid,
  picture: { readonly width: number; readonly height: number },
  { unpad: rule }: LlavaNextSpec,
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
