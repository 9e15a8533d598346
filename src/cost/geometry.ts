/** What a cost needs to know of a language model; `LanguageModelSpec` fits. All sizes in elements. */
export interface LanguageGeometry {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
}

/** What a cost needs to know of a vision tower; `VisionTowerSpec` fits. */
export interface VisionGeometry {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Side of the square input, pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly classToken: boolean;
}

/** What a cost needs to know of a tower that takes pictures of any size; `NativeTowerSpec` fits. */
export interface NativeVisionGeometry {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly patchSize: number;
  /** Patches along the side of what becomes one visual token. */
  readonly mergeSize: number;
  /** `silu` has a gate, a matrix more. */
  readonly activation: string;
  /** Layers but `fullLayers` attend within squares of `side` visual tokens. */
  readonly windows?: { readonly side: number; readonly fullLayers: readonly number[] };
  readonly classToken: false;
}

/** A model as costs see it. */
export interface ModelGeometry {
  readonly vision: VisionGeometry | NativeVisionGeometry;
  /** Patches along the side of the square block that becomes one visual token behind one linear layer; default 1, and two. */
  readonly blockSide?: number;
  /** Tower layers that the features pass through: 23 of 24 for LLaVA-1.5, which takes the penultimate layer's. */
  readonly featureLayer: number;
  readonly language: LanguageGeometry;
}

/** CLIP ViT-L/14 at 336 pixels (openai/clip-vit-large-patch14-336, config.json). */
const clipLarge336: VisionGeometry = {
  hiddenSize: 1024,
  layers: 24,
  heads: 16,
  intermediateSize: 4096,
  imageSize: 336,
  patchSize: 14,
  classToken: true,
};

const llama = { vocabularySize: 32_000, headDim: 128, tiedEmbeddings: false };

/** LLaVA-1.5's two sizes: Llama-2 / Vicuna-1.5 7B and 13B (their config.json) behind CLIP ViT-L/14-336. */
export const presets: Readonly<Record<"7b" | "13b", ModelGeometry & { readonly vision: VisionGeometry }>> = {
  "7b": {
    vision: clipLarge336,
    featureLayer: 23,
    language: {
      ...llama,
      hiddenSize: 4096,
      layers: 32,
      heads: 32,
      keyValueHeads: 32,
      intermediateSize: 11_008,
    },
  },
  "13b": {
    vision: clipLarge336,
    featureLayer: 23,
    language: {
      ...llama,
      hiddenSize: 5120,
      layers: 40,
      heads: 40,
      keyValueHeads: 40,
      intermediateSize: 13_824,
    },
  },
};

/** Whether a tower takes squares of one size. */
export function takesSquares(vision: ModelGeometry["vision"]): vision is VisionGeometry {
  return "imageSize" in vision;
}

/** Patches of one square. */
export function patchCount({ imageSize, patchSize }: VisionGeometry): number {
  return Math.floor(imageSize / patchSize) ** 2;
}

/** Weights of the language model's matrices: layers and output layer, without the embedding table, norms and biases. */
export function languageMatrixWeights(geometry: LanguageGeometry): number {
  const { hiddenSize, layers, vocabularySize } = geometry;
  const perLayer = linearLayers(geometry).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  return layers * perLayer + hiddenSize * vocabularySize;
}

/** All parameters of a Llama-like model: matrices, embedding table (once where it is shared), RMS norms; no biases. */
export function languageParameters(geometry: LanguageGeometry): number {
  const { hiddenSize, layers, vocabularySize, tiedEmbeddings } = geometry;
  const embeddings = tiedEmbeddings ? 0 : hiddenSize * vocabularySize;
  return languageMatrixWeights(geometry) + embeddings + (2 * layers + 1) * hiddenSize;
}

/** One layer's linear maps, in order. */
export function linearLayers(geometry: LanguageGeometry): readonly LinearLayer[] {
  const { hiddenSize, heads, keyValueHeads, headDim, intermediateSize } = geometry;
  const [queries, keys] = [heads * headDim, keyValueHeads * headDim];
  return [
    { name: "q_proj", inputs: hiddenSize, outputs: queries },
    { name: "k_proj", inputs: hiddenSize, outputs: keys },
    { name: "v_proj", inputs: hiddenSize, outputs: keys },
    { name: "out_proj", inputs: queries, outputs: hiddenSize },
    { name: "gate_proj", inputs: hiddenSize, outputs: intermediateSize },
    { name: "up_proj", inputs: hiddenSize, outputs: intermediateSize },
    { name: "down_proj", inputs: intermediateSize, outputs: hiddenSize },
  ];
}

export interface LinearLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** Bytes of keys and values that one token adds to the cache. */
export function keyValueBytesPerToken(
  { layers, keyValueHeads, headDim }: LanguageGeometry,
  keyValueBits: number,
): number {
  return (2 * layers * keyValueHeads * headDim * keyValueBits) / 8;
}

/** All parameters of a tower and of what makes visual tokens of its patches. */
export function encoderParameters({ vision, blockSide = 1, language }: ModelGeometry): number {
  const { hiddenSize: c } = vision;
  const { hiddenSize: d } = language;
  if (takesSquares(vision))
    return visionParameters(vision) + (blockSide > 1 ? c * blockSide ** 2 * d : c * d + d ** 2);
  const { layers, intermediateSize: f, patchSize, mergeSize, activation } = vision;
  const wide = c * mergeSize ** 2;
  const perLayer = 4 * c * c + (activation === "silu" ? 3 : 2) * c * f;
  return 3 * patchSize ** 2 * c + layers * perLayer + wide * wide + wide * d;
}

/** Parameters of a CLIP-like tower with all its layers: embeddings, layers with biases and norms; no output projection. */
export function visionParameters(vision: VisionGeometry): number {
  const { hiddenSize: c, layers, intermediateSize: f, patchSize, classToken } = vision;
  const tokens = patchCount(vision) + (classToken ? 1 : 0);
  // CLIP has a class token's row where SigLIP has the convolution's bias.
  const embeddings = 3 * patchSize ** 2 * c + tokens * c + c;
  const perLayer = 4 * (c * c + c) + (c * f + f) + (f * c + c) + 4 * c;
  // CLIP alone has a norm before its layers, too.
  const norms = (classToken ? 2 : 1) * 2 * c;
  return embeddings + layers * perLayer + norms;
}
