import { halfToEven, type NativeArea, refuseLong } from "./native-size.js";

/** How many frames Qwen-VL's towers take together. */
export const framesTogether = 2;

/**
 * The size of a video's frames where the limits are of all its pixels: as {@link nativeSize}, with as many pixels as there are
 * frames. A side below the unit first enlarges the frame to it. In doubles, in the order of transformers' `smart_resize` of Qwen3-VL's
 * video processor.
 *
 * @throws PrumergeError INVALID_IMAGE for frames more than 200 times as long as wide
 */
export function nativeVideoSize(
  frames: number,
  givenWidth: number,
  givenHeight: number,
  { unit, min, max }: NativeArea,
): { readonly width: number; readonly height: number } {
  let [width, height] = [givenWidth, givenHeight];
  if (height < unit || width < unit) {
    const by = Math.max(unit / height, unit / width);
    [width, height] = [Math.trunc(width * by), Math.trunc(height * by)];
  }
  refuseLong(width, height);
  const [across, down] = [width, height].map((side) => halfToEven(side / unit) * unit) as [number, number];
  const shown = halfToEven(frames / framesTogether) * framesTogether * down * across;
  const area = frames * height * width;
  if (shown > max) {
    const by = Math.sqrt(area / max);
    const fit = (side: number) => Math.max(unit, Math.floor(side / by / unit) * unit);
    return { width: fit(width), height: fit(height) };
  }
  if (shown < min) {
    const by = Math.sqrt(min / area);
    const fit = (side: number) => Math.ceil((side * by) / unit) * unit;
    return { width: fit(width), height: fit(height) };
  }
  return { width: across, height: down };
}
