import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";
import type { SpecialTokens } from "../../models/files/special-tokens.js";
import type { ModelSpec } from "../../models/spec.js";
import type { TensorTable } from "./tensor-source.js";

/** Where the parts of a checkpoint lie, beyond its own folder. All are paths on this machine. */
export interface CheckpointParts {
  /** Folder of the vision tower that an original-layout checkpoint names but does not hold. */
  readonly visionTower?: string;
  /**
   * Folder of a peft LoRA adapter with `non_lora_trainables.bin`. The checkpoint is then its base: a language model where
   * the adapter's folder holds a `config.json` of the original layout, else the whole Hugging Face checkpoint.
   */
  readonly lora?: string;
  /** A stage-1 `mm_projector.bin`, with a `config.json` beside it; the checkpoint is then its base language model. */
  readonly projector?: string;
}

/** Everything that conversion needs of a checkpoint; tensors are described, not read. */
export interface Checkpoint {
  readonly layout: "hugging-face" | "original";
  readonly spec: ModelSpec;
  /** Exactly the tensors that `spec` implies, under canonical names. */
  readonly tensors: TensorTable;
  /** A `config.json` in Hugging Face's form; built from `spec` for the original layout. */
  readonly config: Json;
  /** Content of `tokenizer.json`; it holds the image token. */
  readonly tokenizer: Json;
  readonly tokenizerConfig: Json;
  /** Jinja text. */
  readonly chatTemplate: string;
  readonly preprocessing: PreprocessSpec;
  /** Content of `preprocessor_config.json`, which says the same as `preprocessing`. */
  readonly imageProcessor: Json;
  /** Content of `video_preprocessor_config.json`, where there is one. */
  readonly videoProcessor?: Json;
  readonly generationConfig: Json;
  readonly specialTokens: SpecialTokens;
  /** What was passed over and where its files disagree, one line each; see `docs/conversion.md`. */
  readonly notes: readonly string[];
  /** One line for people: layout, language model and tower. */
  readonly sourceDescription: string;
  /** Bytes of weights that conversion will read. */
  readonly totalBytes: number;
}
