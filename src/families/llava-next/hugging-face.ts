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
