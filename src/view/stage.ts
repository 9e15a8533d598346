import type { Rectangle } from "../image/index.js";
import type { Inspection } from "./inspection.js";

/** Width of one patch in drawing units; its height follows the picture's shape. */
export const cellWidth = 24;

/** Where things lie in the drawing: the patch grid's corner is the origin, one patch is `cellWidth` wide. */
export interface Stage {
  readonly rows: number;
  readonly columns: number;
  readonly cellHeight: number;
  /** The patch grid: all that the vision tower saw. */
  readonly grid: Rectangle;
  /** The whole picture; reaches over the grid where it was cropped. */
  readonly picture: Rectangle;
  /** What is drawn: grid and picture, but no more of the picture than half a grid beyond each edge. */
  readonly box: Rectangle;
}

/** Maps an inspection's picture and patch grid to the drawing. */
export function createStage({ picture, view, grid }: Inspection): Stage {
  const { rows, columns } = grid;
  const width = columns * cellWidth;
  const scale = width / view.width;
  const height = view.height * scale;
  const shown = {
    x: 0 - view.x * scale,
    y: 0 - view.y * scale,
    width: picture.width * scale,
    height: picture.height * scale,
  };
  const left = Math.max(-width / 2, Math.min(0, shown.x));
  const top = Math.max(-height / 2, Math.min(0, shown.y));
  const right = Math.min(width * 1.5, Math.max(width, shown.x + shown.width));
  const bottom = Math.min(height * 1.5, Math.max(height, shown.y + shown.height));
  return {
    rows,
    columns,
    cellHeight: height / rows,
    grid: { x: 0, y: 0, width, height },
    picture: shown,
    box: { x: left, y: top, width: right - left, height: bottom - top },
  };
}

/** A patch's rectangle in the drawing. */
export function cell(stage: Stage, patch: number): Rectangle {
  const { cellHeight, columns } = stage;
  return {
    x: (patch % columns) * cellWidth,
    y: Math.floor(patch / columns) * cellHeight,
    width: cellWidth,
    height: cellHeight,
  };
}

/** A patch's middle in the drawing. */
export function middle(stage: Stage, patch: number): { readonly x: number; readonly y: number } {
  const { x, y, width, height } = cell(stage, patch);
  return { x: x + width / 2, y: y + height / 2 };
}
