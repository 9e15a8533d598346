import type { Rectangle } from "../image/index.js";
import type { Region } from "../reduce/sites.js";
import { isAll } from "./panels.js";

/** Where a patch lies. */
export interface PatchPlace {
  /** Number of its view. */
  readonly view: number;
  /** In its view's grid. */
  readonly row: number;
  readonly column: number;
  /** Of the picture, in its pixels. */
  readonly rectangle: Rectangle;
}

/** @param patch counted over all views */
export function patchPlace(regions: readonly Region[], patch: number): PatchPlace {
  const view = regions.findLastIndex(({ first }) => first <= patch);
  const { first, rows, columns, rectangle } = regions[view];
  const [row, column] = [Math.floor((patch - first) / columns), (patch - first) % columns];
  const [width, height] = [rectangle.width / columns, rectangle.height / rows];
  return {
    view,
    row,
    column,
    rectangle: { x: rectangle.x + column * width, y: rectangle.y + row * height, width, height },
  };
}

/** What a view of a picture is, in words: `the whole picture`, `tile 3`; empty where it is the only one. */
export function viewName(
  regions: readonly Region[],
  view: number,
  picture: { readonly width: number; readonly height: number },
): string {
  if (regions.length === 1) return "";
  const isWhole = ({ rectangle }: Region) => isAll(rectangle, picture);
  if (isWhole(regions[view])) return "the whole picture";
  return `tile ${regions.slice(0, view + 1).filter((region) => !isWhole(region)).length}`;
}
