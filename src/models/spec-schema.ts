import { z } from "zod";
import type { LlavaSpec } from "./spec.js";

const size = z.int().positive();
const positive = z.number().positive();

const rope = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("default"), theta: positive }),
  z.strictObject({ kind: z.literal("linear"), theta: positive, factor: positive }),
  z.strictObject({ kind: z.literal("dynamic"), theta: positive, factor: positive, originalContext: size }),
  z.strictObject({
    kind: z.literal("llama3"),
    theta: positive,
    factor: positive,
    lowFrequencyFactor: positive,
    highFrequencyFactor: positive,
    originalContext: size,
  }),
  z.strictObject({
    kind: z.literal("yarn"),
    theta: positive,
    factor: positive,
    originalContext: size,
    attentionFactor: positive.exactOptional(),
    betaFast: positive,
    betaSlow: positive,
    mscale: z.number().exactOptional(),
    mscaleAllDim: z.number().exactOptional(),
    truncate: z.boolean(),
  }),
]);

/** {@link LlavaSpec} as it stands in `prumerge.json`. */
export const llavaSpecSchema: z.ZodType<LlavaSpec> = z.strictObject({
  vision: z.strictObject({
    kind: z.enum(["clip", "siglip"]),
    hiddenSize: size,
    layers: size,
    heads: size,
    intermediateSize: size,
    imageSize: size,
    patchSize: size,
    activation: z.enum(["quick_gelu", "gelu", "gelu_pytorch_tanh"]),
    layerNormEpsilon: positive,
    classToken: z.boolean(),
  }),
  projector: z.strictObject({ hiddenSize: size, activation: z.literal("gelu"), bias: z.boolean() }),
  language: z.strictObject({
    kind: z.enum(["llama", "mistral", "qwen2"]),
    hiddenSize: size,
    layers: size,
    heads: size,
    keyValueHeads: size,
    headDim: size,
    intermediateSize: size,
    vocabularySize: size,
    rmsNormEpsilon: positive,
    queryKeyValueBias: z.boolean(),
    outputBias: z.boolean(),
    mlpBias: z.boolean(),
    tiedEmbeddings: z.boolean(),
    context: size,
    rope,
  }),
  featureLayer: z.int().nonnegative(),
  selectStrategy: z.enum(["default", "full"]),
  imageTokenId: z.int().nonnegative(),
});
