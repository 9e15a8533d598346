import type { PreprocessSpec } from "./preprocess-spec.js";
import { type Json, refuseWord } from "./processor-fields.js";
import type { TileGrid } from "./tiles/grid.js";
import { llavaNextGrids, llavaOnevisionGrids } from "./tiles/released-grids.js";

/** Defaults of a processor class where its file leaves something out (transformers). */
export interface ProcessorClass {
  readonly shape: "crop" | "stretch" | "tiles" | "split" | "native";
  readonly size: number;
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Of pictures in tiles: the tile's side; left out, the whole picture's. */
  readonly crop?: number;
  /** Of pictures in tiles. */
  readonly grids?: readonly TileGrid[];
  /** Pillow's number of its filter; default 3, bicubic. */
  readonly resample?: number;
  /** Of a class that always resizes so; default: by the backend. */
  readonly resampler?: PreprocessSpec["resampler"];
}

const clip: ProcessorClass = {
  shape: "crop",
  size: 224,
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};
const siglip: ProcessorClass = {
  shape: "stretch",
  size: 224,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
};
/** Of Qwen2.5-VL and Qwen3-VL, too, whose files say what differs. */
const qwen2Vl: ProcessorClass = { ...clip, shape: "native" };
const llavaNext: ProcessorClass = { ...clip, shape: "tiles", crop: 224, grids: llavaNextGrids };
const llavaOnevision: ProcessorClass = { ...clip, shape: "tiles", size: 384, grids: llavaOnevisionGrids };
/** Of SmolVLM, too. */
const idefics3: ProcessorClass = { ...siglip, shape: "split", size: 364, resample: 1 };

const classes: readonly (readonly [RegExp, ProcessorClass])[] = [
  [/^(CLIP|Llava|VideoLlava)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, clip],
  [/^LanguageBindImageProcessor$/, { ...clip, resampler: "torchvision-0.15" }],
  [/^SiglipImageProcessor(Fast|Pil)?$/, siglip],
  [/^LlavaNextImageProcessor(Fast|Pil)?$/, llavaNext],
  [/^Qwen2VLImageProcessor(Fast|Pil)?$/, qwen2Vl],
  [/^LlavaOnevisionImageProcessor(Fast|Pil)?$/, llavaOnevision],
  [/^(Idefics3|SmolVLM)ImageProcessor(Fast|Pil)?$/, idefics3],
];

/** Whose processors are run, for messages. */
const families =
  "CLIP, SigLIP, LLaVA, LLaVA-NeXT, LLaVA-OneVision, Video-LLaVA, Qwen-VL, Idefics3 or SmolVLM";

/**
 * The class that an image processor's settings are of: by `image_processor_type`, else by `processor_class` and by what
 * only one class has.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for a processor that is not run
 */
export function processorClass(config: Json, where: string): ProcessorClass {
  const name = config.image_processor_type ?? config.feature_extractor_type;
  if (name === undefined) return guessedClass(config, where);
  const found = typeof name === "string" && classes.find(([pattern]) => pattern.test(name));
  if (found) return found[1];
  refuseWord("an image processor that is not run", `an image processor of ${families}`, name, where);
}

function guessedClass(config: Json, where: string): ProcessorClass {
  const whole = config.processor_class ?? "LlavaProcessor";
  if (whole === "LlavaNextProcessor") return llavaNext;
  if (whole === "LlavaOnevisionProcessor") return llavaOnevision;
  if (whole === "VideoLlavaProcessor") return clip;
  if (/^Qwen(?:2|2_5_|3)VLProcessor$/.test(whole as string)) return qwen2Vl;
  if (whole === "Idefics3Processor" || whole === "SmolVLMProcessor") return idefics3;
  if (whole !== "LlavaProcessor" && whole !== "CLIPProcessor" && whole !== "SiglipProcessor") {
    refuseWord(
      "a processor that is not run, and no image_processor_type",
      `the processor of ${families}`,
      whole,
      where,
    );
  }
  if (config.image_grid_pinpoints !== undefined) return llavaNext;
  return config.crop_size === undefined && config.do_center_crop !== true ? siglip : clip;
}

/**
 * Processors named "Fast" have only ever run on torchvision. Others ran on Pillow until transformers 5, which takes what
 * is installed; what a checkpoint was made and published with is Pillow.
 */
export function isFast({ image_processor_type: name }: Json): boolean {
  return typeof name === "string" && name.endsWith("Fast");
}
