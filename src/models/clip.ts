import type { ConfigReader } from "./config-reader.js";
import type { VisionTowerSpec } from "./spec.js";
import { type VisionDefaults, visionTower } from "./vision-fields.js";

/** What a `clip_vision_model` configuration leaves out (transformers `CLIPVisionConfig`). */
const clipDefaults: VisionDefaults = {
  hiddenSize: 768,
  intermediateSize: 3072,
  layers: 12,
  heads: 12,
  imageSize: 224,
  patchSize: 32,
  activation: "quick_gelu",
  layerNormEpsilon: 1e-5,
};

/** CLIP ViT-L/14 at 336 pixels, which a LLaVA configuration without `vision_config` means. */
export const clipLarge336: VisionTowerSpec = {
  ...clipDefaults,
  kind: "clip",
  classToken: true,
  hiddenSize: 1024,
  intermediateSize: 4096,
  layers: 24,
  heads: 16,
  imageSize: 336,
  patchSize: 14,
};

/** CLIP's vision tower. */
export function parseClip(config: ConfigReader): VisionTowerSpec {
  return visionTower("clip", config, clipDefaults);
}
