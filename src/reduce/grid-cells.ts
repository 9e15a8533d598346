import type { MergePlan } from "./plan.js";
import { planOfRows } from "./plan-of-rows.js";
import type { Grid, GridPart } from "./sites.js";

/**
 * How many of `count` places each line gets, where they are spread over a grid as evenly as may be: round(sqrt count) lines, each
 * with count / lines places, and one more in the first lines where that leaves some over.
 */
export function placesPerLine(grid: Grid, count: number): number[] {
  // On a square grid round(sqrt count) lines always have room; elongated grids may need fewer or more.
  const fewest = Math.ceil(count / grid.columns);
  const lines = Math.min(grid.rows, Math.max(fewest, Math.round(Math.sqrt(count))));
  return Array.from(
    { length: lines },
    (_, line) => Math.floor(count / lines) + (line < count % lines ? 1 : 0),
  );
}

/**
 * A grid cut into `count` cells, {@link placesPerLine} in each line, of sizes as equal as whole patches allow; each row the mean of a
 * cell's patches, in raster order, standing on the one in its middle.
 */
export function evenMeans(grid: Grid, count: number): MergePlan {
  return planOfRows(
    grid.rows * grid.columns,
    cellsOf(grid, placesPerLine(grid, count)).map(({ top, left, rows, columns }) => {
      const patch = (row: number, column: number) => (top + row) * grid.columns + left + column;
      const size = rows * columns;
      return {
        kept: patch(rows >> 1, columns >> 1),
        columns: Array.from({ length: size }, (_, at) => patch(Math.floor(at / columns), at % columns)),
        weights: new Array<number>(size).fill(1 / size),
      };
    }),
  );
}

function cellsOf(grid: Grid, perLine: readonly number[]): GridPart[] {
  return perLine.flatMap((cells, line) => {
    const [top, bottom] = [line, line + 1].map((edge) => Math.floor((edge * grid.rows) / perLine.length));
    return Array.from({ length: cells }, (_, cell): GridPart => {
      const [left, right] = [cell, cell + 1].map((edge) => Math.floor((edge * grid.columns) / cells));
      return { top: top!, left: left!, rows: bottom! - top!, columns: right! - left! };
    });
  });
}
