import type { ConfigReader } from "./config-reader.js";
import type { VisionTowerSpec } from "./spec.js";
import { visionTower } from "./vision-fields.js";

/** SigLIP's vision tower; the defaults are those of transformers `SiglipVisionConfig`. */
export function parseSiglip(config: ConfigReader): VisionTowerSpec {
  return visionTower("siglip", config, {
    hiddenSize: 768,
    intermediateSize: 3072,
    layers: 12,
    heads: 12,
    imageSize: 224,
    patchSize: 16,
    activation: "gelu_pytorch_tanh",
    layerNormEpsilon: 1e-6,
  });
}
