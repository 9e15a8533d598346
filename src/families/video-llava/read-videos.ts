import { PrumergeError } from "../../errors.js";
import type { PreprocessSpec, VideoPreprocess } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";
import { frameSettings } from "../parts/frame-settings.js";
import { checkLikePictures } from "../parts/like-pictures.js";

/**
 * Refuses a video processor that prepares frames otherwise than the checkpoint's pictures, or that chooses them by itself: no
 * checkpoint of this family does either.
 */
export function readVideos(settings: Json, where: string, pictures: PreprocessSpec): VideoPreprocess {
  const { do_sample_frames: samples = false, video_processor_type: _, ...others } = settings;
  if (samples !== false || frameSettings(settings, where) !== undefined) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a video processor that chooses frames by itself", {
      where,
      expected: "do_sample_frames: false, and neither num_frames nor fps",
      found: JSON.stringify({
        do_sample_frames: samples,
        num_frames: settings.num_frames,
        fps: settings.fps,
      }),
    });
  }
  checkLikePictures({ ...others, image_processor_type: "VideoLlavaImageProcessor" }, where, pictures);
  return {};
}
