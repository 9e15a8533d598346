import type { LlavaParts } from "../../src/models/spec.js";

/** LLaVA-1.5-7B: CLIP-L/14-336, a two-layer projector, Vicuna 7B. Fewer layers make trial runs. */
export function llava15Spec(languageLayers = 32, visionLayers = 24): LlavaParts {
  return {
    family: "llava",
    vision: {
      kind: "clip",
      hiddenSize: 1024,
      layers: visionLayers,
      heads: 16,
      intermediateSize: 4096,
      imageSize: 336,
      patchSize: 14,
      activation: "quick_gelu",
      layerNormEpsilon: 1e-5,
      classToken: true,
    },
    projector: { hiddenSize: 4096, activation: "gelu", bias: true },
    language: {
      kind: "llama",
      hiddenSize: 4096,
      layers: languageLayers,
      heads: 32,
      keyValueHeads: 32,
      headDim: 128,
      intermediateSize: 11008,
      vocabularySize: 32064,
      rmsNormEpsilon: 1e-5,
      queryKeyValueBias: false,
      outputBias: false,
      mlpBias: false,
      tiedEmbeddings: false,
      context: 4096,
      rope: { kind: "default", theta: 10000 },
    },
    featureLayer: visionLayers - 1,
    selectStrategy: "default",
    imageTokenId: 32000,
  };
}
