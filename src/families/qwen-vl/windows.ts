import type { Grid } from "../../reduce/sites.js";

/** How a picture's merged tokens lie in windows, of which the right and lower ones may be smaller. */
export interface Windows {
  /** Tokens window by window, windows and what is in them in raster order. */
  readonly order: Int32Array;
  /** Tokens of each window. */
  readonly sizes: readonly number[];
}

/** Qwen2.5-VL's windows. @param side of a window, merged tokens */
export function windowsOf({ rows, columns }: Grid, side: number): Windows {
  const order = new Int32Array(rows * columns);
  const sizes: number[] = [];
  let at = 0;
  for (let top = 0; top < rows; top += side) {
    for (let left = 0; left < columns; left += side) {
      const before = at;
      for (let y = top; y < Math.min(top + side, rows); y++)
        for (let x = left; x < Math.min(left + side, columns); x++) order[at++] = y * columns + x;
      sizes.push(at - before);
    }
  }
  return { order, sizes };
}
