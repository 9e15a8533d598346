import type { Sites } from "../../reduce/sites.js";
import type { SitePlaces } from "../family.js";

/**
 * Where a picture's merged tokens stand in Qwen-VL's language models, whose positions have three coordinates: all at the
 * picture's beginning in time, each at its row and its column from there. What comes after it goes on behind the picture's
 * longer side (transformers `get_rope_index`).
 */
export function gridPlaces({ count, regions }: Sites): SitePlaces {
  const [at, rows, columns] = [0, 1, 2].map(() => new Int32Array(count)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  let advance = 0;
  for (const region of regions) {
    for (let i = 0; i < region.rows * region.columns; i++) {
      rows[region.first + i] = Math.floor(i / region.columns);
      columns[region.first + i] = i % region.columns;
    }
    advance = Math.max(advance, region.rows, region.columns);
  }
  return { at, rows, columns, advance };
}
