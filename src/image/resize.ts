import type { Picture } from "./picture.js";
import { acrossThenDown, downThenAcross } from "./resample.js";
import { checkResize, type Rectangle, type ResizeOptions } from "./resize-options.js";
import { axisTaps } from "./taps.js";

/**
 * Resizes a picture with antialiasing, equal bit for bit to Pillow's `Image.resize` (13.0) or to torchvision's `resize` of
 * 8-bit tensors with `antialias` on a CPU: fixed-point weights, one pass across and one down, each rounded and cut to 8
 * bits. Pillow goes down first where the height shrinks by more than twice what the width does (since 13.0), torchvision
 * never. Where both go alike they differ by a level; where not, what the first pass cuts off at sharp edges makes them
 * differ by up to some 30. With `window` only that part is computed, as if cut out of the whole; with `canvas` as if the
 * picture had been pasted on it.
 *
 * @throws PrumergeError INVALID_OPTION for sizes, windows or a canvas out of range and unknown filters or resamplers, INVALID_IMAGE for
 * a malformed picture, LIMIT_EXCEEDED for one or a window that is too large
 */
export function resizePicture(picture: Picture, options: ResizeOptions): Picture {
  const { width, height, filter = "bicubic", resampler = "pillow" } = options;
  const window = options.window ?? { x: 0, y: 0, width, height };
  const canvas = options.canvas ?? {
    width: picture.width,
    height: picture.height,
    x: 0,
    y: 0,
    fill: [0, 0, 0],
  };
  checkResize(picture, { width, height, filter, resampler, window, canvas });
  if (canvas.x === 0 && canvas.y === 0 && sameSize(picture, canvas) && sameSize(canvas, { width, height })) {
    return cut(picture, window);
  }
  const across = axisTaps(
    {
      source: picture.width,
      canvas: canvas.width,
      offset: canvas.x,
      target: width,
      from: window.x,
      count: window.width,
    },
    filter,
    resampler,
  );
  const down = axisTaps(
    {
      source: picture.height,
      canvas: canvas.height,
      offset: canvas.y,
      target: height,
      from: window.y,
      count: window.height,
    },
    filter,
    resampler,
  );
  const shrinksDown = canvas.height - height;
  const downFirst = resampler === "pillow" && shrinksDown > 0 && shrinksDown > 2 * (canvas.width - width);
  const { data } = (downFirst ? downThenAcross : acrossThenDown)(picture, across, down, canvas.fill);
  return { width: window.width, height: window.height, data: new Uint8Array(data.buffer) };
}

type Size = Pick<Rectangle, "width" | "height">;

function sameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

/** The window of a picture that keeps its size: passes would give the same bytes. */
function cut(picture: Picture, { x, y, width, height }: Rectangle): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * 3;
    data.set(picture.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, data };
}
