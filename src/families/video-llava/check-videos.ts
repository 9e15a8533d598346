import { PrumergeError } from "../../errors.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";

/**
 * Refuses a video processor that prepares frames otherwise than the checkpoint's pictures, or that chooses them by itself: no
 * checkpoint of this family does either.
 */
export function checkVideos(settings: Json, where: string, pictures: PreprocessSpec): void {
  const { do_sample_frames: samples = false, video_processor_type: _, ...others } = settings;
  if (samples !== false) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a video processor that chooses frames by itself", {
      where,
      expected: "do_sample_frames: false",
      found: JSON.stringify(samples),
    });
  }
  const own = parsePreprocessing({ ...others, image_processor_type: "VideoLlavaImageProcessor" }, where);
  const differs = comparedFields.filter((field) => String(own[field]) !== String(pictures[field]));
  if (differs.length === 0) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a video processor unlike the image processor", {
    where,
    expected: differs.map((field) => `${field} ${pictures[field]}`).join(", "),
    found: differs.map((field) => `${field} ${own[field]}`).join(", "),
  });
}

const comparedFields = [
  "size",
  "shortestEdge",
  "aspect",
  "resample",
  "rescale",
  "mean",
  "deviation",
] as const;
