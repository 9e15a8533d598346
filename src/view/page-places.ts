import type { PageData, PageView } from "./page-data.js";

/** Where patches lie in a page's drawing. It stands in the page as its own source text, so it uses nothing from outside itself. */
export function pagePlaces({ views, box }: Pick<PageData, "views" | "box">) {
  /** The view that a patch is of, its row and column there, and its rectangle in the drawing. */
  const locate = (
    patch: number,
  ): { view: PageView; row: number; column: number; x: number; y: number; width: number; height: number } => {
    const view = views.findLast(({ first }) => first <= patch) ?? views[0];
    const row = Math.floor((patch - view.first) / view.columns);
    const column = (patch - view.first) % view.columns;
    const [left, top, width, height] = view.at;
    return { view, row, column, x: left + column * width, y: top + row * height, width, height };
  };
  const place = (patch: number) => {
    const { view, row, column } = locate(patch);
    return `${row + 1}/${column + 1}${view.name === "" ? " (row/column)" : ` of ${view.name}`}`;
  };
  /** The patch at a point of the drawing, where one shows the picture. */
  const patchAt = (x: number, y: number): number | undefined => {
    for (const { first, columns, inside, at } of views) {
      const row = Math.floor((y - at[1]) / at[3]);
      const column = Math.floor((x - at[0]) / at[2]);
      const [top, left, down, across] = inside;
      if (row >= top && row < top + down && column >= left && column < left + across)
        return first + row * columns + column;
    }
    return undefined;
  };
  /** The patches on the way from one: the next, or the last before the view's edge. */
  const beside = (from: number, right: number, down: number, farthest: boolean): number => {
    const [boxX, boxY, boxWidth, boxHeight] = box;
    let at = from;
    let { x, y, width, height, view } = locate(from);
    [x, y] = [x + width / 2, y + height / 2];
    for (;;) {
      x += right * width;
      y += down * height;
      if (x < boxX || y < boxY || x > boxX + boxWidth || y > boxY + boxHeight) return at;
      const next = patchAt(x, y);
      if (next === undefined) continue;
      if (!farthest) return next;
      if (locate(next).view !== view) return at;
      at = next;
    }
  };

  return { locate, place, patchAt, beside };
}
