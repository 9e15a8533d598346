import type { PixelValues, View } from "../image/picture.js";
import type { VisionTowerSpec } from "../models/spec.js";
import type { Region, Sites } from "../reduce/sites.js";

/**
 * One region of whole patches for each view. Pixels to the right and at the bottom that make no whole patch are no part of
 * it (384 = 27 x 14 + 6).
 */
export function patchRegions(
  { views }: PixelValues,
  { patchSize }: Pick<VisionTowerSpec, "patchSize">,
): Sites {
  let count = 0;
  const regions = views.map((view): Region => {
    const [rows, columns] = [view.height, view.width].map((side) => Math.floor(side / patchSize));
    const region = { first: count, rows, columns, rectangle: covered(view, rows, columns, patchSize) };
    count += rows * columns;
    return { ...region, frame: view.frame };
  });
  return { count, regions };
}

function covered(view: View, rows: number, columns: number, patchSize: number): Region["rectangle"] {
  const { x, y, width, height } = view.rectangle;
  return {
    x,
    y,
    width: width * ((columns * patchSize) / view.width),
    height: height * ((rows * patchSize) / view.height),
  };
}
