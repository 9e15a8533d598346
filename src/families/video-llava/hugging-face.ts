import { clipLarge336 } from "../../models/clip.js";
import type { VisionTowerSpec } from "../../models/spec.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { type HuggingFaceDefaults, huggingFaceParts } from "../parts/hugging-face.js";
import type { VideoLlavaSpec } from "./spec.js";

const clipLarge224: VisionTowerSpec = { ...clipLarge336, imageSize: 224 };

/** Of `VideoLlavaConfig`. */
const defaults: HuggingFaceDefaults = {
  language: "llama",
  vision: clipLarge224,
  selectStrategy: "default",
  featureLayer: -2,
  imageTokenId: 32000,
};

/** How many frames the model card, the documentation and the training take. */
export const usualFrames = 8;

/**
 * Hugging Face's `VideoLlavaForConditionalGeneration`. Both of its towers are of one configuration, and neither looks across
 * frames; of a video every row counts, whatever `vision_feature_select_strategy` says of pictures.
 */
export const huggingFaceVideoLlava: HuggingFaceLayout<VideoLlavaSpec> = {
  architecture: "VideoLlavaForConditionalGeneration",
  modelType: "video_llava",
  parse(config) {
    const parts = huggingFaceParts(config, defaults);
    const { vision, featureLayer } = parts;
    if (!vision.classToken)
      throw config.unsupported("vision_config", "a tower with a class token (CLIP)", vision.kind);
    // Stand for a video and its length in prompts; here what takes a picture's place does.
    for (const key of ["video_token_index", "video_token_id", "video_seq_length"]) config.raw(key);
    return {
      family: "video-llava",
      ...parts,
      program: "hugging-face",
      watching: { vision, featureLayer, frames: usualFrames, acrossFrames: false },
    };
  },
};
