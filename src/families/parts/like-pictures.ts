import { PrumergeError } from "../../errors.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";

/** What a frame has in common with a picture of the model's. */
const everyField = ["size", "shortestEdge", "aspect", "resample", "rescale", "mean", "deviation"] as const;
type Field = (typeof everyField)[number];

/**
 * Refuses a video processor that prepares frames otherwise than the checkpoint's pictures.
 *
 * @param settings of it, in the words of the image processor that `image_processor_type` names
 * @param fields that are compared; default: all
 */
export function checkLikePictures(
  settings: Json,
  where: string,
  pictures: PreprocessSpec,
  fields: readonly Field[] = everyField,
): void {
  const own = parsePreprocessing(settings, where);
  const differs = fields.filter((field) => String(own[field]) !== String(pictures[field]));
  if (differs.length === 0) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a video processor unlike the image processor", {
    where,
    expected: differs.map((field) => `${field} ${pictures[field]}`).join(", "),
    found: differs.map((field) => `${field} ${own[field]}`).join(", "),
  });
}
