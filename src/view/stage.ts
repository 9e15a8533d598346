import type { Rectangle } from "../image/index.js";
import { insideSites, type Region } from "../reduce/sites.js";

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

function cellSize({ rows, columns }: Region, grid: Rectangle) {
  return { width: grid.width / columns, height: grid.height / rows };
}
