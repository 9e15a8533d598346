import { PrumergeError } from "../../errors.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { ConfigReader } from "../../models/config-reader.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { huggingFaceParts } from "../parts/hugging-face.js";
import type { LlavaNextSpec } from "./spec.js";

/** Hugging Face's `LlavaNextForConditionalGeneration`. */
export const huggingFaceLlavaNext: HuggingFaceLayout<LlavaNextSpec> = {
  architecture: "LlavaNextForConditionalGeneration",
  modelType: "llava_next",
  parse(config: ConfigReader) {
    const parts = huggingFaceParts(config);
    // transformers has no place for class tokens between the rows of tiles, and fails.
    if (parts.selectStrategy === "full" && parts.vision.classToken)
      throw config.unsupported("vision_feature_select_strategy", "default for a tower with a class token");
    config.raw("image_grid_pinpoints"); // held against the image processor's, which pictures are cut by
    return { family: "llava-next", ...parts, unpad: "hugging-face" };
  },
};

/** What transformers takes where a configuration leaves them out, [height, width]. */
const defaultGrids = [
  [336, 672],
  [672, 336],
  [672, 672],
  [1008, 336],
  [336, 1008],
];

/**
 * Refuses an image processor that makes no tiles, or chooses from other grids than the model: transformers cuts by the
 * one list and puts together by the other.
 */
export function checkTiles({ aspect, grids }: PreprocessSpec, where: string, config?: ConfigReader): void {
  if (aspect !== "anyres") {
    throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that the model was not trained with", {
      where,
      expected: "LLaVA-NeXT's, which cuts pictures into tiles (anyres)",
      found: `${aspect}, one square picture`,
    });
  }
  if (config === undefined) return;
  const own = JSON.stringify(config.raw("image_grid_pinpoints") ?? defaultGrids);
  const processors = JSON.stringify(grids);
  if (own === processors) return;
  throw new PrumergeError(
    "INVALID_FILE",
    "image_grid_pinpoints of the model and of its image processor differ",
    {
      where: config.where,
      expected: processors,
      found: own.slice(0, 300),
    },
  );
}
