import type { PreprocessSpec } from "../image/index.js";
import type { OtherForms } from "../models/language-forms.js";
import type { ModelSpec } from "../models/spec.js";
import type { GraphFiles } from "../runtime/index.js";

/** What a folder says about the model in it, whichever program wrote it. */
export interface FolderDescription {
  readonly folder: string;
  /** `converted`: by prumerge; `transformers.js`: the common layout, whose vision graph takes no settings. */
  readonly form: "converted" | "transformers.js";
  readonly spec: ModelSpec;
  readonly preprocessing: PreprocessSpec;
  readonly imageToken: string;
  readonly endTokenIds: readonly number[];
  readonly chatTemplate: string;
  readonly graphs: GraphFiles;
  /** How its language model is run, where that is not the usual. */
  readonly forms?: OtherForms;
  /** What the model knows, where its manifest says that this is little. */
  readonly world?: string;
  /** Whether it was loaded because no model was named; default false. */
  readonly unnamed?: boolean;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly generationConfig: Readonly<Record<string, unknown>>;
  /** What was passed over or put right while reading, one sentence each. */
  readonly notes: readonly string[];
}

/** What of a model folder stands beside its manifest. */
export type FolderFiles = Pick<
  FolderDescription,
  "folder" | "chatTemplate" | "graphs" | "tokenizer" | "tokenizerConfig" | "generationConfig" | "notes"
>;
