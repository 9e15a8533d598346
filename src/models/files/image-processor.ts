import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import { type Json, readOptionalJson } from "./json-file.js";
import { type Note, noNote } from "./note.js";

/**
 * The image processor's settings of a folder: `image_processor` of `processor_config.json`, else
 * `preprocessor_config.json`, which transformers 5 leaves behind as it was when it saves the former. Entries for other
 * processors (`feature_extractor`, `video_processor`) are none. Source: transformers 5.23
 * `ImageProcessingMixin.get_image_processor_dict`.
 *
 * @throws PrumergeError `NOT_FOUND` where the folder has neither, `INVALID_FILE` where `image_processor` is no object.
 */
export async function readImageProcessor(folder: string, note: Note = noNote): Promise<Json> {
  const processorPath = join(folder, "processor_config.json");
  const [processor, own] = await Promise.all([
    readOptionalJson(processorPath),
    readOptionalJson(join(folder, "preprocessor_config.json")),
  ]);
  const nested = processor?.image_processor ?? undefined;
  if (nested === undefined) {
    if (own !== undefined) return own;
    throw new PrumergeError("NOT_FOUND", "no image processor settings", {
      where: folder,
      expected: "preprocessor_config.json, or image_processor in processor_config.json",
    });
  }
  if (typeof nested !== "object" || Array.isArray(nested)) {
    throw new PrumergeError("INVALID_FILE", "image_processor is no object", {
      where: processorPath,
      found: JSON.stringify(nested).slice(0, 120),
    });
  }
  if (own !== undefined && meaning(own) !== meaning(nested)) {
    note(
      "Pictures are prepared as image_processor of processor_config.json says; preprocessor_config.json differs.",
    );
  }
  return nested as Json;
}

/** What settings come to, in a form to compare; what cannot be read is like nothing else. */
function meaning(settings: unknown): string {
  try {
    return JSON.stringify(parsePreprocessing(settings));
  } catch {
    return JSON.stringify(settings);
  }
}
