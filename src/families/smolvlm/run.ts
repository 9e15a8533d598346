import type { View } from "../../image/picture.js";
import { gridSide } from "../../models/spec.js";
import type { GridPart, Region } from "../../reduce/sites.js";
import type { RunFamily } from "../family.js";
import { oneSquare } from "../parts/one-square.js";
import { patchRegions } from "../patch-regions.js";
import { exported } from "./exported.js";
import { markers } from "./markers.js";
import { validPatches, viewPatches } from "./partial-view.js";
import { type SmolVlmSpec, smolVlmSchema } from "./spec.js";

/** SmolVLM and Idefics3: tiles, then the whole picture, each a run of visual tokens between markers of text. */
export const smolVlm: RunFamily<SmolVlmSpec> = {
  name: "smolvlm",
  schema: smolVlmSchema,
  tiles: true,
  sites(pixels, spec) {
    const { count, regions } = patchRegions(pixels, blockOf(spec));
    return { count, regions: regions.map((region, at) => shownPart(region, pixels.views[at]!, spec)) };
  },
  arrange: oneSquare.arrange,
  around: ({ tiles }) => markers(tiles),
  exported,
  feeds: (view, { vision }) => {
    const { positions, valid } = viewPatches(view, vision);
    return {
      patch_positions: { type: "int64", dims: [positions.length], data: positions },
      valid_patches: { type: "int64", dims: [valid.length], data: valid },
    };
  },
};

/** A block of patches as one patch. */
function blockOf({ vision, blockSide }: SmolVlmSpec) {
  return { patchSize: vision.patchSize * blockSide };
}

/** A region without the blocks beyond the picture, where a mask tells of some. */
function shownPart(region: Region, view: View, { vision, blockSide }: SmolVlmSpec): Region {
  if (view.mask === undefined) return region;
  const side = gridSide(vision);
  const shown = validPatches(view, vision);
  let [bottom, right] = [0, 0];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (!shown(row, column)) continue;
      bottom = Math.max(bottom, row + 1);
      right = Math.max(right, column + 1);
    }
  }
  const blocks = (patches: number) => Math.ceil(patches / blockSide);
  const inside: GridPart = { top: 0, left: 0, rows: blocks(bottom), columns: blocks(right) };
  return inside.rows === region.rows && inside.columns === region.columns ? region : { ...region, inside };
}
