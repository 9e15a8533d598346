import type { ConfigReader } from "./config-reader.js";
import type { VisionTowerSpec } from "./spec.js";
import { type VisionDefaults, visionTower } from "./vision-fields.js";

/** What a `siglip_vision_model` configuration leaves out (transformers `SiglipVisionConfig`). */
const siglipDefaults: VisionDefaults = {
  hiddenSize: 768,
  intermediateSize: 3072,
  layers: 12,
  heads: 12,
  imageSize: 224,
  patchSize: 16,
  activation: "gelu_pytorch_tanh",
  layerNormEpsilon: 1e-6,
};

/** SigLIP so400m/14 at 384 pixels without its last layer, which a LLaVA-OneVision configuration without `vision_config` means. */
export const siglipSo400m384: VisionTowerSpec = {
  ...siglipDefaults,
  kind: "siglip",
  classToken: false,
  hiddenSize: 1152,
  intermediateSize: 4304,
  layers: 26,
  heads: 16,
  imageSize: 384,
  patchSize: 14,
};

/** SigLIP's vision tower. */
export function parseSiglip(config: ConfigReader): VisionTowerSpec {
  return visionTower("siglip", config, siglipDefaults);
}
