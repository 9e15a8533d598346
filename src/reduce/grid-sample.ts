import type { Grid } from "./sites.js";

/** Line i of n over `size` places, as evenly as integers allow: floor((i + 0.5) size / n). */
export function evenLine(i: number, n: number, size: number): number {
  return Math.floor(((2 * i + 1) * size) / (2 * n));
}

/** Patches where `rows` evenly spread rows and `columns` columns of a grid cross, in raster order. */
export function gridSample(grid: Grid, rows: number, columns: number): Int32Array {
  return Int32Array.from({ length: rows * columns }, (_, at) => {
    const row = evenLine(Math.floor(at / columns), rows, grid.rows);
    return row * grid.columns + evenLine(at % columns, columns, grid.columns);
  });
}
