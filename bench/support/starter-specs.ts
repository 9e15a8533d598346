import type { SmolVlmSpec } from "../../src/families/smolvlm/spec.js";
import type { SquareModelSpec } from "../../src/models/spec.js";
import { llava15Spec } from "../../test/support/llava-15.js";

/** Checkpoints to begin with, by hub id, and their geometry: what their configurations say, checked against their file sizes. */
export const starterSpecs: Readonly<Record<string, () => SquareModelSpec>> = {
  "HuggingFaceTB/SmolVLM-256M-Instruct": smolVlm256M,
  "HuggingFaceTB/SmolVLM-500M-Instruct": smolVlm500M,
  "llava-hf/llava-interleave-qwen-0.5b-hf": interleaveHalfBillion,
  "bczhou/tiny-llava-v1-hf": tinyLlava,
};

/** SigLIP-base/16 at 512, blocks of 4 x 4; SmolLM2 of 135M, its output layer stored apart. */
function smolVlm256M(): SmolVlmSpec {
  return {
    family: "smolvlm",
    vision: {
      kind: "siglip",
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      intermediateSize: 3072,
      imageSize: 512,
      patchSize: 16,
      activation: "gelu_pytorch_tanh",
      layerNormEpsilon: 1e-6,
      classToken: false,
    },
    language: {
      kind: "llama",
      hiddenSize: 576,
      layers: 30,
      heads: 9,
      keyValueHeads: 3,
      headDim: 64,
      intermediateSize: 1536,
      vocabularySize: 49_280,
      rmsNormEpsilon: 1e-5,
      queryKeyValueBias: false,
      outputBias: false,
      mlpBias: false,
      tiedEmbeddings: false,
      context: 8192,
      rope: { kind: "default", theta: 100_000 },
    },
    featureLayer: 12,
    selectStrategy: "full",
    imageTokenId: 49_190,
    blockSide: 4,
  };
}

/** The same tower; SmolLM2 of 360M. */
function smolVlm500M(): SmolVlmSpec {
  const { language, ...rest } = smolVlm256M();
  const sizes = { hiddenSize: 960, layers: 32, heads: 15, keyValueHeads: 5, intermediateSize: 2560 };
  return { ...rest, language: { ...language, ...sizes } };
}

/** SigLIP-so400m/14-384 without its last layer, read whole at the layer that is then its last; Qwen1.5-0.5B. */
function interleaveHalfBillion(): SquareModelSpec {
  return {
    family: "llava",
    vision: {
      kind: "siglip",
      hiddenSize: 1152,
      layers: 26,
      heads: 16,
      intermediateSize: 4304,
      imageSize: 384,
      patchSize: 14,
      activation: "gelu_pytorch_tanh",
      layerNormEpsilon: 1e-6,
      classToken: false,
    },
    projector: { hiddenSize: 1024, activation: "gelu", bias: true },
    language: {
      kind: "qwen2",
      hiddenSize: 1024,
      layers: 24,
      heads: 16,
      keyValueHeads: 16,
      headDim: 64,
      intermediateSize: 2816,
      vocabularySize: 152_000,
      rmsNormEpsilon: 1e-6,
      queryKeyValueBias: true,
      outputBias: false,
      mlpBias: false,
      tiedEmbeddings: true,
      context: 32_768,
      rope: { kind: "default", theta: 1_000_000 },
    },
    featureLayer: 26,
    selectStrategy: "full",
    imageTokenId: 151_646,
  };
}

/** CLIP-L/14-336 and TinyLlama 1.1B. */
function tinyLlava(): SquareModelSpec {
  const { vision, language, projector, ...rest } = llava15Spec();
  return {
    ...rest,
    vision,
    projector: { ...projector, hiddenSize: 2048 },
    language: {
      ...language,
      hiddenSize: 2048,
      layers: 22,
      heads: 32,
      keyValueHeads: 4,
      headDim: 64,
      intermediateSize: 5632,
      context: 2048,
    },
  };
}
