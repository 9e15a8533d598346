import type { ConfigReader } from "../../models/config-reader.js";
import type { ParsedTower } from "../../models/qwen-vision.js";
import type { LanguageModelSpec } from "../../models/spec.js";

/** What differs between Qwen2-VL, Qwen2.5-VL and Qwen3-VL where they are read and built. */
export interface Generation {
  readonly title: string;
  /** transformers' names of the whole model and of its processor. */
  readonly architecture: string;
  readonly modelType: string;
  readonly processor: string;
  parseVision(config: ConfigReader): ParsedTower;
  parseText(config: ConfigReader): LanguageModelSpec;
  readonly tower: TowerParts;
  /** Of transformers' class of video processors, where they differ from Qwen2-VL's, in the words of the image processor. */
  readonly frames?: Readonly<Record<string, unknown>>;
}

/** What a generation's tower is made of; names are those of its tensors. */
export interface TowerParts {
  /** `layer`: with a bias; `rms`: by the root mean square alone. */
  readonly norm: "layer" | "rms";
  /** Whether the patches' linear layer has a bias. */
  readonly patchBias: boolean;
  /** Layers of the MLP, all with biases: the outer pair, and the one that gates it where there is one. */
  readonly mlp: { readonly up: string; readonly down: string; readonly gate?: string };
  /** Of what makes a row out of its patches: the norm and two layers. */
  readonly merger: { readonly norm: string; readonly first: string; readonly second: string };
}
