import { PrumergeError } from "../errors.js";
import type { PixelValues, PreprocessOptions, PreprocessSpec } from "../image/index.js";
import type { Video } from "../video/video.js";

/** How the vision tower's input is made of one picture; `number`: which of several it is, from 1, for messages. */
export type PixelReader<Source> = (
  image: Source,
  spec: PreprocessSpec,
  options: {
    readonly shown?: PreprocessOptions;
    readonly signal?: AbortSignal;
    readonly number?: number;
  },
) => Promise<PixelValues>;

/** How a platform reads what a model is shown. */
export interface SourceReader<Source> {
  readonly pixels: PixelReader<Source>;
  /**
   * The video that a source is, undefined for a picture. Left out where videos are always opened by themselves.
   *
   * @param frames whether something is asked of a video's frames: of an animation, which is a picture otherwise
   */
  readonly video?: (
    image: Source,
    options: { readonly frames: boolean; readonly signal?: AbortSignal },
  ) => Promise<Video | undefined>;
}

/**
 * Pixel values that are made already.
 *
 * @throws PrumergeError INVALID_OPTION for limits of area, which come too late for them
 */
export function asTheyAre(pixels: PixelValues, { minPixels, maxPixels }: PreprocessOptions): PixelValues {
  if (minPixels === undefined && maxPixels === undefined) return pixels;
  throw new PrumergeError("INVALID_OPTION", "pixel values have their size already", {
    where: minPixels === undefined ? "maxPixels" : "minPixels",
    expected: "a picture, or prepare(picture, { minPixels, maxPixels })",
    found: "pixel values",
  });
}
