import type { ResampleFilter } from "./filter.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import { isFast, processorClass } from "./processor-class.js";
import { fail, flag, type Json, number, object, triple } from "./processor-fields.js";
import { processorShape } from "./processor-shape.js";

/** Pillow's numbers; 0 nearest, 4 box and 5 hamming exist as well, of which only the first occurs. */
const filters: Readonly<Record<number, ResampleFilter>> = {
  0: "nearest",
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
};

/**
 * Reads `preprocessor_config.json` (or the `image_processor` part of `processor_config.json`) of an image processor of
 * CLIP, SigLIP, LLaVA, LLaVA-NeXT, LLaVA-OneVision, Video-LLaVA, Qwen-VL, Idefics3 or SmolVLM, with that class's defaults. `do_pad` of
 * LLaVA's processor, or `image_aspect_ratio: "pad"` as the original LLaVA's config.json calls it, gives the aspect `pad`;
 * `image_grid_pinpoints` ([height, width]), and of Idefics3 `do_image_splitting`, give `anyres`. A processor named "Fast"
 * resizes as torchvision does.
 *
 * @param json the parsed file
 * @param where the file's name, for messages
 * @throws PrumergeError INVALID_FILE for values of a wrong kind or range, UNSUPPORTED_MODEL for processors and shapes that
 * are well formed but not run
 */
export function parsePreprocessing(json: unknown, where = "preprocessor_config.json"): PreprocessSpec {
  const file = object(json, where, where);
  const config =
    file.image_processor === undefined
      ? file
      : { processor_class: file.processor_class, ...object(file.image_processor, "image_processor", where) };
  const family = processorClass(config, where);
  return {
    ...processorShape(config, family, where),
    resample: resampleOf(config, family.resample ?? 3, where),
    ...(family.resampler !== undefined && { resampler: family.resampler }),
    ...(isFast(config) && { resampler: "torchvision" }),
    rescale: flag(config, "do_rescale", true, where) ? number(config, "rescale_factor", 1 / 255, where) : 1,
    ...(flag(config, "do_normalize", true, where)
      ? {
          mean: triple(config, "image_mean", family.mean, where),
          deviation: triple(config, "image_std", family.deviation, where),
        }
      : { mean: [0, 0, 0], deviation: [1, 1, 1], fill: triple(config, "image_mean", family.mean, where) }),
  };
}

function resampleOf(config: Json, otherwise: number, where: string): ResampleFilter {
  const value = config.resample ?? otherwise;
  const filter = typeof value === "number" ? filters[value] : undefined;
  if (filter === undefined) fail("resample", "0 nearest, 1 lanczos, 2 bilinear or 3 bicubic", value, where);
  return filter;
}
