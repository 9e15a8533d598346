import { availableParallelism } from "node:os";
import { PrumergeError } from "../errors.js";
import { convertFamily } from "../families/convert-registry.js";
import { type Dtype, dtypes } from "../models/dtypes.js";
import { type ModelSpec, patchCount, takesSquares } from "../models/spec.js";

/** How far a conversion is; bytes are those of the checkpoint's weights. */
export interface ConversionProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly seconds: number;
}

/** Choices about what is written. */
export interface PlanOptions {
  /** Language model's weights; default `q4`. */
  readonly dtype?: Dtype;
  /** Vision tower's weights; default `fp16` beside an fp16 language model, else `fp32`. */
  readonly visionDtype?: Dtype;
  /**
   * The language model's weights once more, for the rows of prompts, in a form that is faster for many rows: `int8`. Default: prompts and
   * tokens are multiplied by the same weights.
   */
  readonly prefillDtype?: Dtype;
  /** Folder of the vision tower that an original-layout checkpoint names but does not hold. */
  readonly visionTower?: string;
  /** Folder of a peft LoRA adapter to merge in; the checkpoint is its base. */
  readonly lora?: string;
  /** A stage-1 `mm_projector.bin`; the checkpoint is its base. */
  readonly projector?: string;
  /**
   * Visual tokens of the graph for transformers.js, global token included; default 64, or all patches where fewer. Refused
   * for families whose pictures have no fixed number.
   */
  readonly bakedTokens?: number;
  /** How pictures become square, where the checkpoint's own way is not wanted. */
  readonly imageAspect?: "crop" | "pad";
  /** Whose arithmetic pictures are resized with, where what the checkpoint's processor says is not wanted. */
  readonly resampler?: "pillow" | "torchvision";
  /** Name of the source to record, e.g. a hub id with its commit; default the folder's name. */
  readonly sourceName?: string;
  /** The same for `visionTower`. */
  readonly visionTowerName?: string;
  /** The same for `lora`. */
  readonly loraName?: string;
  /** What the model knows, where that is little: `world` of the manifest, one line. */
  readonly world?: string;
  /** Arithmetic of quantised products: 4 (int8 activations, default) or 0 (float32, for comparisons). */
  readonly accuracyLevel?: 0 | 4;
}

export interface ConvertOptions extends PlanOptions {
  /** Worker threads, 0 .. 64; 0 converts in the caller's thread. Default: one per core, at most 16. */
  readonly workers?: number;
  /** Replaces an earlier conversion at the destination; any other folder is refused. Default false. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ConversionProgress) => void;
  /** Called before anything is written with each sentence about what of the checkpoint was passed over or put right. */
  readonly onNote?: (sentence: string) => void;
}

export function checkDtype(value: Dtype | undefined, name: string): void {
  if (value !== undefined && !dtypes.includes(value)) refuse(name, dtypes.join(", "), value);
}

/** @throws PrumergeError INVALID_OPTION for what is no dtype, or the one that the language model has anyway */
export function checkPrefillDtype(value: Dtype | undefined, decoder: Dtype): void {
  checkDtype(value, "prefillDtype");
  if (value === decoder) refuse("prefillDtype", `another than the language model's, ${decoder}`, value);
}

/** @returns the thread count to use */
export function checkWorkers(workers: number = Math.min(16, availableParallelism())): number {
  if (!Number.isInteger(workers) || workers < 0 || workers > 64) refuse("workers", "0 .. 64", workers);
  return workers;
}

/**
 * @returns the visual tokens of the graph for other programs, or undefined where the family has none; the graph's own
 * builder refuses what is out of range
 * @throws PrumergeError INVALID_OPTION where they are given and the family has no such graph
 */
export function bakedTokensOf(spec: ModelSpec, bakedTokens?: number): number | undefined {
  const { graphs, title } = convertFamily(spec);
  const { vision } = spec;
  if (graphs.encoder !== undefined && takesSquares(vision))
    return bakedTokens ?? Math.min(64, patchCount(vision));
  if (bakedTokens === undefined) return undefined;
  throw new PrumergeError("INVALID_OPTION", "there is no graph to bake a number of visual tokens into", {
    where: "bakedTokens",
    expected: `none for ${title}, whose pictures have no fixed number of visual tokens`,
    found: String(bakedTokens),
    help: "Say how many when asking",
  });
}

export function checkAspect(aspect: unknown): void {
  if (aspect !== undefined && aspect !== "crop" && aspect !== "pad")
    refuse("imageAspect", "crop, pad", aspect);
}

export function checkResampler(resampler: unknown): void {
  if (resampler !== undefined && resampler !== "pillow" && resampler !== "torchvision")
    refuse("resampler", "pillow, torchvision", resampler);
}

function refuse(where: string, expected: string, found: unknown): never {
  throw new PrumergeError("INVALID_OPTION", "an option is out of range", {
    where,
    expected,
    found: JSON.stringify(found) ?? String(found),
  });
}
