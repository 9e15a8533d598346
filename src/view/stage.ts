import type { Rectangle } from "../image/index.js";
import { insideOf, insideSites, type Region } from "../reduce/sites.js";

/** A view's patches in the drawing. */
export interface StageRegion {
  readonly region: Region;
  /** Its whole grid, padding included. */
  readonly grid: Rectangle;
  /** Number of the panel that it is drawn in. */
  readonly panel: number;
}

/** The picture once: under the patches of one view, or of several that do not overlap. */
export interface Panel {
  /** What is seen here, in words; empty where there is one panel alone. */
  readonly name: string;
  /** The whole picture; reaches over the grid where it was cropped. */
  readonly picture: Rectangle;
  /** All that the vision tower saw of it here. */
  readonly grid: Rectangle;
}

/**
 * Where things lie in the drawing. Of one view the patch grid's corner is the origin, and one patch is `cellWidth` wide; of several
 * the picture is drawn in panels side by side, or one above the other.
 */
export interface Stage {
  readonly panels: readonly Panel[];
  /** In the order of the plan's columns. */
  readonly regions: readonly StageRegion[];
  /** What is drawn: grid and picture, but no more of the picture than half a grid beyond each edge. */
  readonly box: Rectangle;
}

/** Sites that are drawn: those of every view that show the picture. */
export function shownSites({ regions }: Pick<Stage, "regions">): number[] {
  return regions.flatMap(({ region }) => [...insideSites(region)]);
}

/** The view of a site, by its number. */
export function regionAt({ regions }: Pick<Stage, "regions">, site: number): StageRegion {
  return regions.findLast(({ region }) => region.first <= site)!;
}

/** A patch's rectangle in the drawing. */
export function cell(stage: Stage, patch: number): Rectangle {
  const { region, grid } = regionAt(stage, patch);
  const { width, height } = cellSize(region, grid);
  const at = patch - region.first;
  const x = grid.x + (at % region.columns) * width;
  const y = grid.y + Math.floor(at / region.columns) * height;
  return { x, y, width, height };
}

/** A patch's middle in the drawing. */
export function middle(stage: Stage, patch: number): { readonly x: number; readonly y: number } {
  const { x, y, width, height } = cell(stage, patch);
  return { x: x + width / 2, y: y + height / 2 };
}

/** The patch at a point of the drawing; undefined where none shows the picture. */
export function patchAt({ regions }: Stage, x: number, y: number): number | undefined {
  for (const { region, grid } of regions) {
    const { width, height } = cellSize(region, grid);
    const column = Math.floor((x - grid.x) / width);
    const row = Math.floor((y - grid.y) / height);
    const { top, left, rows, columns } = insideOf(region);
    if (row >= top && row < top + rows && column >= left && column < left + columns)
      return region.first + row * region.columns + column;
  }
  return undefined;
}

/** The patches on the way from one, nearest first: those beside it, and behind padding and in the next panels. */
export function patchesBeside(
  stage: Stage,
  from: number,
  [right, down]: readonly [number, number],
): number[] {
  const { box } = stage;
  const found: number[] = [];
  let { x, y } = middle(stage, from);
  let { width, height } = cell(stage, from);
  for (;;) {
    x += right * width;
    y += down * height;
    if (x < box.x || y < box.y || x > box.x + box.width || y > box.y + box.height) return found;
    const next = patchAt(stage, x, y);
    if (next === undefined) continue;
    found.push(next);
    ({ x, y } = middle(stage, next));
    ({ width, height } = cell(stage, next));
  }
}

function cellSize({ rows, columns }: Region, grid: Rectangle) {
  return { width: grid.width / columns, height: grid.height / rows };
}
