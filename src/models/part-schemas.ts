import { z } from "zod";

const size = z.int().positive();
const positive = z.number().positive();

/** Rotary position embedding; `theta` is the base. Formulas: transformers `modeling_rope_utils.py`. */
const ropeSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("default"),
      theta: positive,
      /** Positions of three coordinates: how many frequencies each rotates, side by side or in turn. */
      axes: z
        .strictObject({
          sections: z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.int().nonnegative()]).readonly(),
          interleaved: z.boolean(),
        })
        .readonly()
        .exactOptional(),
    })
    .readonly(),
  z.strictObject({ kind: z.literal("linear"), theta: positive, factor: positive }).readonly(),
  z
    .strictObject({ kind: z.literal("dynamic"), theta: positive, factor: positive, originalContext: size })
    .readonly(),
  z
    .strictObject({
      kind: z.literal("llama3"),
      theta: positive,
      factor: positive,
      lowFrequencyFactor: positive,
      highFrequencyFactor: positive,
      originalContext: size,
    })
    .readonly(),
  z
    .strictObject({
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
    })
    .readonly(),
]);

const visionTowerSchema = z
  .strictObject({
    kind: z.enum(["clip", "siglip"]),
    hiddenSize: size,
    layers: size,
    heads: size,
    intermediateSize: size,
    /** Side of the square input, pixels. */
    imageSize: size,
    patchSize: size,
    activation: z.enum(["quick_gelu", "gelu", "gelu_pytorch_tanh"]),
    layerNormEpsilon: positive,
    /** CLIP has a class token at position 0, SigLIP none. */
    classToken: z.boolean(),
  })
  .readonly();

/** A tower that takes a picture at nearly its own size, and hands on one row for a square of patches. */
export const nativeTowerSchema = z
  .strictObject({
    kind: z.enum(["qwen2-vl", "qwen2.5-vl", "qwen3-vl"]),
    hiddenSize: size,
    layers: size,
    heads: size,
    intermediateSize: size,
    patchSize: size,
    /** Patches along the side of what becomes one row. */
    mergeSize: size,
    activation: z.enum(["quick_gelu", "silu", "gelu_pytorch_tanh"]),
    layerNormEpsilon: positive,
    classToken: z.literal(false),
    /** Layers but `fullLayers` attend within squares of `side` rows of the result. */
    windows: z
      .strictObject({ side: size, fullLayers: z.array(z.int().nonnegative()).readonly() })
      .readonly()
      .exactOptional(),
    /** Side of a learned table of positions that is stretched over the picture. */
    tableSide: size.exactOptional(),
    /** Of a model whose positions in a video are of time: steps for each second. */
    tokensPerSecond: positive.exactOptional(),
    /** Layers whose result the language model gets too, each behind a merger of its own. */
    deepLayers: z.array(z.int().nonnegative()).min(1).readonly().exactOptional(),
  })
  .readonly();

const projectorSchema = z
  .strictObject({ hiddenSize: size, activation: z.literal("gelu"), bias: z.boolean() })
  .readonly();

const languageModelSchema = z
  .strictObject({
    kind: z.enum(["llama", "mistral", "qwen2", "qwen3"]),
    hiddenSize: size,
    layers: size,
    heads: size,
    keyValueHeads: size,
    headDim: size,
    intermediateSize: size,
    vocabularySize: size,
    rmsNormEpsilon: positive,
    /** Biases on q, k and v (Qwen2, or Llama's `attention_bias`). */
    queryKeyValueBias: z.boolean(),
    /** Each head's queries and keys are normalised before they are rotated (Qwen3). Default: not. */
    queryKeyNorm: z.literal(true).exactOptional(),
    /** Bias on the attention's output projection. */
    outputBias: z.boolean(),
    /** Biases on the MLP's three projections. */
    mlpBias: z.boolean(),
    /** The output layer reuses the embedding table. */
    tiedEmbeddings: z.boolean(),
    /** Longest sequence, tokens. */
    context: size,
    rope: ropeSchema,
    /**
     * Vectors beside a row's own, as wide as it, that are added to it behind the first layers, one each (Qwen3-VL's deepstack);
     * 0 for text. A row of the model's input holds them behind its own. Default: none.
     */
    deepRows: size.exactOptional(),
  })
  .readonly();

/** What models of every family say of themselves: the fields of a family's own schema, which adds its name and what else it has. */
export const modelParts = {
  vision: visionTowerSchema,
  projector: projectorSchema,
  language: languageModelSchema,
  /** Hidden state that feeds the projector, as an index into [embeddings, layer 0, ...]; already non-negative. */
  featureLayer: z.int().nonnegative(),
  /** `default` drops the class token before the projector, `full` keeps every token. */
  selectStrategy: z.enum(["default", "full"]),
  /** Placeholder id that stands for the visual tokens in a prompt. */
  imageTokenId: z.int().nonnegative(),
};
