import type { ReductionBuilder } from "../graphs/reduction/builder.js";
import type { GraphWeights } from "../graphs/weights.js";
import type { PreprocessSpec, VideoPreprocess } from "../image/preprocess-spec.js";
import type { ConfigReader } from "../models/config-reader.js";
import type { Json } from "../models/files/json-file.js";
import type { Note } from "../models/files/note.js";
import type { ModelSpec } from "../models/spec.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";

/**
 * What differs between checkpoint families when a checkpoint is read and converted. Loads the graph builder: what runs a
 * model, and browsers, take `RunFamily`.
 */
export interface ConvertFamily<Spec extends ModelSpec = ModelSpec> {
  /** The `family` of its specs. */
  readonly name: Spec["family"];
  /** What people call it. */
  readonly title: string;
  readonly huggingFace: HuggingFaceLayout<Spec>;
  /** Absent where the original LLaVA code has no such models. */
  readonly original?: OriginalLayout<Spec>;
  readonly graphs: FamilyGraphs<Spec>;
  /** Names of tensors that only this family has, tried before those of all, with the names that its graphs ask for. */
  readonly names: NameRules;
  /**
   * Throws where pictures are prepared otherwise than the model takes them.
   *
   * @param config whose word it is held against; absent where the preprocessing was made from the configuration
   */
  checkPictures(preprocessing: PreprocessSpec, where: string, config?: ConfigReader): void;
  /**
   * What a checkpoint's video processor says; throws where it prepares videos otherwise than the model is shown them. Left out: the
   * family watches none.
   *
   * @param settings of it
   * @param pictures how its pictures are prepared
   * @param note told of what is not read
   */
  readVideos?(settings: Json, where: string, pictures: PreprocessSpec, note: Note): VideoPreprocess;
  /** The conversation that a checkpoint without a chat template was trained in; undefined where that is not known. */
  conversation(spec: Spec): Conversation | undefined;
  readonly processor: ProcessorFiles<Spec>;
}

/** A class of transformers, by the names that a configuration has for it. */
export interface HuggingFaceClass {
  readonly architecture: string;
  readonly modelType: string;
}

/** How Hugging Face's transformers store it: all parts in one folder. */
export interface HuggingFaceLayout<Spec extends ModelSpec> extends HuggingFaceClass {
  /** Classes that compute the same from the same files. */
  readonly others?: readonly HuggingFaceClass[];
  /** @throws PrumergeError `UNSUPPORTED_MODEL`, naming what is not run, or `INVALID_FILE`. */
  parse(config: ConfigReader): Spec;
}

/** How the original LLaVA code stores it: a language model with settings beside its own, and a tower in another folder. */
export interface OriginalLayout<Spec extends ModelSpec> {
  /** Whether a configuration of that code is of this family rather than of the others. */
  claims(config: ConfigReader): boolean;
  /**
   * The fields that name towers for pictures and for videos, whose weights the checkpoint holds. Left out: one tower, which
   * `mm_vision_tower` names.
   */
  readonly towers?: { readonly pictures: string; readonly videos: string };
  /**
   * @param tower the vision tower's configuration
   * @param imageTokenId which id stands for pictures: the vocabulary has none, and is enlarged up to it
   * @param videos configuration of the tower for videos, where there is one
   * @throws PrumergeError `UNSUPPORTED_MODEL`, naming what is not run, or `INVALID_FILE`.
   */
  parse(config: ConfigReader, tower: ConfigReader, imageTokenId: number, videos?: ConfigReader): Spec;
  /** `config.json` in Hugging Face's form; reading it gives `spec` again, but for what that form cannot say. */
  config(spec: Spec, original: Json, tower: Json): Json;
  /** `preprocessor_config.json` in Hugging Face's form. @param tower the vision tower's own */
  imageProcessor(spec: Spec, config: ConfigReader, tower: Json): Json;
}

export interface FamilyGraphs<Spec extends ModelSpec> {
  /** Reductions that its vision graphs hold, each a graph of its own; where there are none, there is one graph without. */
  readonly reductions: readonly ReductionBuilder[];
  /** `vision*.onnx`. @param reduction which it holds; default: the first of {@link reductions} */
  vision(spec: Spec, weights: GraphWeights, reduction?: ReductionBuilder): ModelProto;
  /** `vision_video*.onnx`, of models whose videos have a tower of their own. */
  watching?(spec: Spec, weights: GraphWeights): ModelProto;
  /** `projector.onnx`, which makes rows of mixed patches; absent where rows are mixed. */
  projector?(spec: Spec, weights: GraphWeights): ModelProto;
  /**
   * `vision_encoder*.onnx`, the form of other programs, which emits `tokens` visual tokens for every picture. Absent where
   * a picture's visual tokens have no fixed number.
   */
  encoder?(spec: Spec, weights: GraphWeights, tokens: number): ModelProto;
  /** Places every tensor of the tower, also those that no graph computes with and every checkpoint holds. */
  tower(spec: Spec, weights: GraphWeights): void;
}

/** Rewrites the beginning of a tensor's name, or all of it; the first pattern that matches counts. */
export type NameRules = readonly (readonly [pattern: RegExp, replacement: string])[];

interface Conversation {
  /** As the original code calls it. */
  readonly name: string;
  /** Jinja text. */
  readonly template: string;
  /** Whether whoever converts should hear that it is used, since the checkpoint may have had another. */
  readonly guessed: boolean;
}

/** What Python's processor and that of transformers.js are told. */
export interface ProcessorFiles<Spec extends ModelSpec> {
  readonly className: string;
  /** What `processor_config.json` says beside the class, the image token and the patch size. @param bakedTokens of `encoder` */
  settings(spec: Spec, bakedTokens: number | undefined): Json;
}
