import type { FloatResampler, ResampleFilter, Resampler } from "./filter.js";
import type { TileGrid } from "./tiles/grid.js";

/** How what the tower sees is taken from a picture of another shape. */
export const aspects = ["crop", "pad", "stretch", "anyres", "native"] as const;
export type Aspect = (typeof aspects)[number];

/** Which frames a checkpoint's video processor takes: a number, or some for each second. */
export interface FrameSettings {
  /** How many, whatever the video's length. */
  readonly count?: number;
  /** For each second; {@link minimum} at least, {@link most} at most. */
  readonly fps?: number;
  readonly minimum?: number;
  readonly most?: number;
}

/** What a checkpoint's video processor says beyond what holds of its pictures. */
export interface VideoPreprocess {
  /** How many pixels a frame has, or where a model reckons so all frames together. */
  readonly area?: { readonly min: number; readonly max: number };
  readonly frames?: FrameSettings;
}

/** How a picture becomes `pixel_values`, resolved from a checkpoint's processor files. Sizes in pixels. */
export interface PreprocessSpec {
  /** Side of each square that the vision tower gets; of `native`, what both sides are multiples of. */
  readonly size: number;
  /**
   * `crop`: the shorter side becomes `shortestEdge`, then the centre square of `size` is cut out; `pad`: the picture is
   * put in the middle of a square of its longer side, filled with floor(255 x {@link fill}), and then treated like `crop`;
   * `stretch`: resized to `size` x `size` whatever its shape, where there is a {@link longestEdge} by way of that; `anyres`:
   * stretched, and in the best of the {@link grids} cut into tiles of `size` x `size`, black around it, or filled up to whole
   * tiles from its {@link longestEdge}; `native`: nearly its own size and shape, within {@link area}.
   */
  readonly aspect: Aspect;
  /** What `anyres` chooses from, in the checkpoint's order, which decides between equals. {@link shortestEdge} is `size`. */
  readonly grids?: readonly TileGrid[];
  /**
   * What the longest edge becomes, also upwards, before a picture is cut into tiles or stretched, as Idefics3's and SmolVLM's
   * processors have it; never with {@link grids}. {@link shortestEdge} is `size`.
   */
  readonly longestEdge?: number;
  readonly shortestEdge: number;
  /** How large, in pixels, `native` makes a picture. {@link shortestEdge} is `size`. */
  readonly area?: { readonly min: number; readonly max: number };
  readonly resample: ResampleFilter;
  /**
   * Whose arithmetic: of transformers' PIL backend (default) or of its torchvision backend, both on 8-bit values; or of programs
   * that resize floats without antialiasing, of which `crop`, `pad` and `stretch` alone are run.
   */
  readonly resampler?: Resampler | FloatResampler;
  /** Factor from 8-bit values to what mean and deviation refer to; 1/255 nearly always. */
  readonly rescale: number;
  /** Of red, green and blue. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Colour around a padded picture, 0 .. 1; default: the mean. Only where that is not subtracted (`do_normalize: false`). */
  readonly fill?: readonly [number, number, number];
  /** Of videos; left out: what the model's own program does where no file says anything. */
  readonly videos?: VideoPreprocess;
}
