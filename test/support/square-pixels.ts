import type { PixelValues } from "../../src/image/picture.js";
import type { Rectangle } from "../../src/reduce/sites.js";

/** Pixel values of a picture that is one square of `size` pixels, shown whole unless said otherwise. */
export function squarePixels(
  data: Float32Array,
  size: number,
  rectangle: Rectangle = { x: 0, y: 0, width: size, height: size },
): PixelValues {
  return {
    views: [{ data, height: size, width: size, rectangle, frame: 0 }],
    picture: { width: size, height: size },
  };
}
