import type { Arrangement } from "../../reduce/arrangement.js";
import type { Sites } from "../../reduce/sites.js";
import { MixedRows } from "../parts/tiles/mixed-rows.js";

/** How many patches become one along a side; transformers' `apply_pooling`, the original's `mm_spatial_pool_stride`. */
const stride = 2;

/**
 * The unreduced prompt of a video: each frame's patches halved along both sides, bilinearly, one frame after another, and one
 * separator behind all of them (the original's `mm_newline_position` one_token).
 */
export function arrangeFrames({ count, regions }: Sites): Arrangement {
  const rows = new MixedRows(count);
  for (const { first, rows: height, columns: width } of regions) {
    const size = { rows: Math.ceil(height / stride), columns: Math.ceil(width / stride) };
    rows.map({ rows: height, columns: width }, size, (row, column) => first + row * width + column, false);
  }
  rows.separator();
  return { ...rows.arrangement(), closed: true };
}
