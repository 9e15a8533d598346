import type { Region } from "../reduce/sites.js";
import type { Inspection } from "./inspection.js";
import { createPanels } from "./panels.js";
import type { Stage } from "./stage.js";

/** Width of one patch of a picture of one view in drawing units; its height follows the picture's shape. */
export const cellWidth = 24;

/** Maps an inspection's picture and patches to the drawing. */
export function createStage(inspection: Inspection): Stage {
  const { regions } = inspection;
  return regions.length === 1 ? oneView(inspection, regions[0]) : createPanels(inspection);
}

function oneView({ picture, view }: Inspection, region: Region): Stage {
  const width = region.columns * cellWidth;
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
  const grid = { x: 0, y: 0, width, height };
  return {
    panels: [{ name: "", picture: shown, grid }],
    regions: [{ region, grid, panel: 0 }],
    box: { x: left, y: top, width: right - left, height: bottom - top },
  };
}
