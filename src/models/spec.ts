import type { PixelValues } from "../image/picture.js";

/** What a LLaVA-style model is made of, whichever checkpoint layout it came from. All sizes in elements. */
export interface LlavaSpec {
  readonly vision: VisionTowerSpec;
  readonly projector: ProjectorSpec;
  readonly language: LanguageModelSpec;
  /** Hidden state that feeds the projector, as an index into [embeddings, layer 0, ...]; already non-negative. */
  readonly featureLayer: number;
  /** `default` drops the class token before the projector, `full` keeps every token. */
  readonly selectStrategy: "default" | "full";
  /** Placeholder id that stands for the visual tokens in a prompt. */
  readonly imageTokenId: number;
}

export interface VisionTowerSpec {
  readonly kind: "clip" | "siglip";
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Side of the square input, pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly activation: "quick_gelu" | "gelu" | "gelu_pytorch_tanh";
  readonly layerNormEpsilon: number;
  /** CLIP has a class token at position 0, SigLIP none. */
  readonly classToken: boolean;
}

export interface ProjectorSpec {
  readonly hiddenSize: number;
  readonly activation: "gelu";
  readonly bias: boolean;
}

export interface LanguageModelSpec {
  readonly kind: "llama" | "mistral" | "qwen2";
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly rmsNormEpsilon: number;
  /** Biases on q, k and v (Qwen2, or Llama's `attention_bias`). */
  readonly queryKeyValueBias: boolean;
  /** Bias on the attention's output projection. */
  readonly outputBias: boolean;
  /** Biases on the MLP's three projections. */
  readonly mlpBias: boolean;
  /** The output layer reuses the embedding table. */
  readonly tiedEmbeddings: boolean;
  /** Longest sequence, tokens. */
  readonly context: number;
  readonly rope: RopeSpec;
}

/** Rotary position embedding; `theta` is the base. Formulas: transformers `modeling_rope_utils.py`. */
export type RopeSpec = { readonly theta: number } & (
  | { readonly kind: "default" }
  | { readonly kind: "linear"; readonly factor: number }
  | { readonly kind: "dynamic"; readonly factor: number; readonly originalContext: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContext: number;
    }
  | {
      readonly kind: "yarn";
      readonly factor: number;
      readonly originalContext: number;
      readonly attentionFactor?: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly mscale?: number;
      readonly mscaleAllDim?: number;
      readonly truncate: boolean;
    }
);

/** Side of the patch grid. */
export function gridSide(vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">): number {
  return Math.floor(vision.imageSize / vision.patchSize);
}

/** Number of patches. */
export function patchCount(vision: VisionTowerSpec): number {
  return gridSide(vision) ** 2;
}

/**
 * The part of a tower's square that its patches cover: all of it, but for pixels to the right and at the bottom that make
 * no whole patch (384 = 27 x 14 + 6).
 */
export function gridView(
  view: PixelValues["view"],
  vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">,
): PixelValues["view"] {
  const share = (gridSide(vision) * vision.patchSize) / vision.imageSize;
  return { ...view, width: view.width * share, height: view.height * share };
}

/**
 * Rows that stand before the reduced ones whatever the settings: 1 where a tower with a class token is used with the
 * `full` strategy, since the unreduced model hands the class token to the language model as its first visual token;
 * else 0. The vision graph's `count` does not include them: take them off a budget before feeding it.
 */
export function classTokenRows({ vision, selectStrategy }: LlavaSpec): 0 | 1 {
  return vision.classToken && selectStrategy === "full" ? 1 : 0;
}
