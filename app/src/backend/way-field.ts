import type { ShownWay } from "./model-backend.js";

/** How a picture is shown, as the extension field of a request spells it. */
export function wayField({ views, minPixels, maxPixels }: ShownWay) {
  return {
    ...(views !== undefined && { views }),
    ...(minPixels !== undefined && { min_pixels: minPixels }),
    ...(maxPixels !== undefined && { max_pixels: maxPixels }),
  };
}
