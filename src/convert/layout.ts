import type { Manifest } from "../folder/manifest.js";
import { buildDecoder } from "../graphs/decoder.js";
import { buildMergedDecoder } from "../graphs/decoder-merged.js";
import { buildEmbedTokens } from "../graphs/embed-tokens.js";
import { buildProjector } from "../graphs/projector.js";
import { buildVision } from "../graphs/vision.js";
import { buildVisionEncoder } from "../graphs/vision-encoder.js";
import { GraphWeights, type Precision, type WeightRecipe } from "../graphs/weights.js";
import { type Dtype, fileSuffixes } from "../models/dtypes.js";
import type { ModelSpec } from "../models/spec.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { WeightFile } from "../onnx/weight-file.js";

/** Dtype of each part of a model folder. */
export type PartDtypes = Manifest["dtypes"];

/** Everything below `onnx/` of a model folder, planned: no weight has been read yet. */
export interface ModelLayout {
  /** File names below `onnx/`, by role. */
  readonly names: Readonly<Record<keyof Manifest["graphs"], string>>;
  /** Graphs by file name. */
  readonly graphs: ReadonlyMap<string, ModelProto>;
  /** External data files, each shared by the graphs that name it. */
  readonly weightFiles: readonly WeightFile<WeightRecipe>[];
}

export interface LayoutOptions {
  readonly dtypes: PartDtypes;
  /** Visual tokens of the transformers.js form of the vision graph. */
  readonly bakedTokens: number;
  /** Arithmetic of quantised products; 4 (int8 activations) unless comparing. */
  readonly accuracyLevel?: 0 | 4;
}

/**
 * Dtypes of the parts where only the language model's and perhaps the tower's are given. Towers stay fp32 or fp16 unless
 * asked otherwise, since a quantised tower moves the kept patches; the projector lies inside the vision graph and shares
 * its weights; embeddings are looked up, not multiplied, so they are stored in fp16 beside any smaller decoder.
 */
export function partDtypes(decoder: Dtype, vision: Dtype = decoder === "fp16" ? "fp16" : "fp32"): PartDtypes {
  return { vision, projector: vision, embedTokens: decoder === "fp32" ? "fp32" : "fp16", decoder };
}

/** Plans the graphs and weight files of a model folder from its spec alone. */
export function layOutModel(spec: ModelSpec, options: LayoutOptions): ModelLayout {
  const { dtypes, bakedTokens, accuracyLevel = 4 } = options;
  const file = (part: string, dtype: Dtype) => `${part}${fileSuffixes[dtype]}.onnx`;
  const names = {
    vision: file("vision", dtypes.vision),
    visionEncoder: file("vision_encoder", dtypes.vision),
    projector: file("projector", dtypes.projector),
    embedTokens: file("embed_tokens", dtypes.embedTokens),
    decoder: file("decoder", dtypes.decoder),
    mergedDecoder: file("decoder_model_merged", dtypes.decoder),
  };
  // A browser fetches exactly "<graph>_data", so the shared files bear the names of transformers.js' graphs.
  const weightFile = (name: string) => new WeightFile<WeightRecipe>(`${name}_data`);
  const [visionFile, embedFile, decoderFile] = [
    weightFile(names.visionEncoder),
    weightFile(names.embedTokens),
    weightFile(names.mergedDecoder),
  ];
  const weights = (target: WeightFile<WeightRecipe>, dtype: Dtype) =>
    new GraphWeights(target, { precision: precisions[dtype], accuracyLevel });
  const vision = weights(visionFile, dtypes.vision);
  const decoder = weights(decoderFile, dtypes.decoder);
  const graphs = new Map<string, ModelProto>([
    [names.vision, buildVision(spec, vision)],
    [names.visionEncoder, buildVisionEncoder(spec, vision, { tokens: bakedTokens })],
    [names.projector, buildProjector(spec, vision)],
    [names.embedTokens, buildEmbedTokens(spec, weights(embedFile, dtypes.embedTokens))],
    [names.decoder, buildDecoder(spec, decoder)],
    [names.mergedDecoder, buildMergedDecoder(spec, decoder)],
  ]);
  return { names, graphs, weightFiles: [visionFile, embedFile, decoderFile] };
}

const precisions: Readonly<Record<Dtype, Precision>> = {
  fp32: "float32",
  fp16: "float16",
  q8: "q8",
  q4: "q4",
};
