import type { Picture, PixelValues } from "../image/picture.js";
import type { PreprocessOptions } from "../image/preprocess.js";
import type { PreprocessSpec } from "../image/preprocess-spec.js";
import type { VisionTowerSpec } from "../models/spec.js";
import type { FrameSampling } from "../video/sampling.js";
import type { VideoFrames } from "../video/video.js";

/** Which frames of a video were taken. */
export type TakenFrames = Pick<VideoFrames, "indices" | "seconds" | "total">;

/** How a model watches a video. */
export interface VideoDoor {
  /** Which frames its own program takes. */
  readonly sampling: FrameSampling;
  /** Whether the tower takes no other number of frames. Default: it takes any. */
  readonly fixed?: boolean;
  /** The tower for videos, of a graph of its own. Left out: frames are seen by the one for pictures, one by one. */
  readonly tower?: {
    readonly vision: VisionTowerSpec;
    /** How many frames it sees at once, 1 where it does not look across them; divides their number. */
    readonly together: number;
  };
  /**
   * Frames as the tower takes them, with {@link PixelValues.frames} and the frame of each view.
   *
   * @param frames at least one, upright, in their order
   * @param taken what is known of the video that they are of
   * @param area of models that take pictures of any size: limits of a frame's pixels, in place of the model's
   * @param preprocessing of the model's pictures
   * @throws PrumergeError INVALID_OPTION without a frame; INVALID_IMAGE or LIMIT_EXCEEDED for a malformed one
   */
  show(
    frames: readonly Picture[],
    preprocessing: PreprocessSpec,
    taken?: TakenFrames,
    area?: Pick<PreprocessOptions, "minPixels" | "maxPixels">,
  ): PixelValues;
}
