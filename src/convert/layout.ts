import { convertFamily } from "../families/convert-registry.js";
import type { Manifest } from "../folder/manifest.js";
import { buildDecoder } from "../graphs/decoder.js";
import { buildMergedDecoder } from "../graphs/decoder-merged.js";
import { buildEmbedTokens } from "../graphs/embed-tokens.js";
import { visionFile, watchingFile } from "../graphs/reduction/programs.js";
import { GraphWeights, type Precision, type WeightRecipe } from "../graphs/weights.js";
import { type Dtype, fileSuffixes, prefillStem } from "../models/dtypes.js";
import type { ModelSpec } from "../models/spec.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { WeightFile } from "../onnx/weight-file.js";

/** Dtype of each part of a model folder. */
export type PartDtypes = Manifest["dtypes"];

/** Everything below `onnx/` of a model folder, planned: no weight has been read yet. */
export interface ModelLayout {
  /** File names below `onnx/`, by role. */
  readonly names: Manifest["graphs"];
  /** Graphs by file name. */
  readonly graphs: ReadonlyMap<string, ModelProto>;
  /** External data files, each shared by the graphs that name it. */
  readonly weightFiles: readonly WeightFile<WeightRecipe>[];
}

export interface LayoutOptions {
  readonly dtypes: PartDtypes;
  /** Visual tokens of the vision graph's form for other programs; absent where the family has none. */
  readonly bakedTokens?: number;
  /** Arithmetic of quantised products; 4 (int8 activations) unless comparing. */
  readonly accuracyLevel?: 0 | 4;
}

/**
 * Dtypes of the parts where only the language model's and perhaps the tower's are given. Towers stay fp32 or fp16 unless
 * asked otherwise, since a quantised tower moves the kept patches; the projector lies inside the vision graph and shares
 * its weights; embeddings are looked up, not multiplied, so they are stored in fp16 beside any smaller decoder.
 */
export function partDtypes(
  decoder: Dtype,
  vision: Dtype = decoder === "fp16" ? "fp16" : "fp32",
  prefill?: Dtype,
): PartDtypes {
  const embedTokens = decoder === "fp32" ? "fp32" : "fp16";
  return { vision, projector: vision, embedTokens, decoder, ...(prefill !== undefined && { prefill }) };
}

/** Plans the graphs and weight files of a model folder from its spec alone. */
export function layOutModel(spec: ModelSpec, options: LayoutOptions): ModelLayout {
  const { dtypes, bakedTokens, accuracyLevel = 4 } = options;
  const { graphs: family } = convertFamily(spec);
  const file = (part: string, dtype: Dtype) => `${part}${fileSuffixes[dtype]}.onnx`;
  const names = {
    vision: file("vision", dtypes.vision),
    ...(family.watching !== undefined && { watching: watchingFile(file("vision", dtypes.vision)) }),
    ...(bakedTokens !== undefined && { visionEncoder: file("vision_encoder", dtypes.vision) }),
    ...(family.projector !== undefined && { projector: file("projector", dtypes.projector) }),
    embedTokens: file("embed_tokens", dtypes.embedTokens),
    decoder: file("decoder", dtypes.decoder),
    mergedDecoder: file("decoder_model_merged", dtypes.decoder),
    ...(dtypes.prefill !== undefined && { prefill: file(prefillStem, dtypes.prefill) }),
  };
  // A browser fetches exactly "<graph>_data", so the shared files bear the names of transformers.js' graphs where there are.
  const weightFile = (name: string) => new WeightFile<WeightRecipe>(`${name}_data`);
  const [towerFile, embedFile, decoderFile] = [
    weightFile(names.visionEncoder ?? names.vision),
    weightFile(names.embedTokens),
    weightFile(names.mergedDecoder),
  ];
  const weights = (target: WeightFile<WeightRecipe>, dtype: Dtype) =>
    new GraphWeights(target, { precision: precisions[dtype], accuracyLevel });
  const vision = weights(towerFile, dtypes.vision);
  const decoder = weights(decoderFile, dtypes.decoder);
  const graphs = new Map<string, ModelProto>();
  if (family.reductions.length === 0) graphs.set(names.vision, family.vision(spec, vision));
  for (const reduction of family.reductions) {
    const name = visionFile(names.vision, reduction.name);
    graphs.set(name, family.vision(spec, vision, reduction));
  }
  if (names.watching !== undefined && family.watching !== undefined)
    graphs.set(names.watching, family.watching(spec, vision));
  if (names.visionEncoder !== undefined && bakedTokens !== undefined && family.encoder !== undefined)
    graphs.set(names.visionEncoder, family.encoder(spec, vision, bakedTokens));
  if (names.projector !== undefined && family.projector !== undefined)
    graphs.set(names.projector, family.projector(spec, vision));
  const others: readonly [string, ModelProto][] = [
    [names.embedTokens, buildEmbedTokens(spec, weights(embedFile, dtypes.embedTokens))],
    [names.decoder, buildDecoder(spec, decoder)],
    [names.mergedDecoder, buildMergedDecoder(spec, decoder)],
  ];
  for (const [name, model] of others) graphs.set(name, model);
  const weightFiles = [towerFile, embedFile, decoderFile];
  if (names.prefill !== undefined && dtypes.prefill !== undefined) {
    const prefillFile = weightFile(names.prefill);
    graphs.set(names.prefill, buildDecoder(spec, weights(prefillFile, dtypes.prefill)));
    weightFiles.push(prefillFile);
  }
  return { names, graphs, weightFiles };
}

const precisions: Readonly<Record<Dtype, Precision>> = {
  fp32: "float32",
  fp16: "float16",
  q8: "q8",
  int8: "int8",
  q4: "q4",
};
