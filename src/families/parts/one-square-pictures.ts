import { PrumergeError } from "../../errors.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { SquareModelSpec } from "../../models/spec.js";
import { patchCount } from "../../models/spec.js";
import type { ProcessorFiles } from "../convert-family.js";

/** Refuses an image processor that makes tiles. */
export function checkOneSquare({ aspect }: PreprocessSpec, where: string): void {
  if (aspect !== "anyres") return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that the model was not trained with", {
    where,
    expected: "one square picture",
    found: "a whole picture and its tiles",
  });
}

/** LLaVA's processor: patches, and more placeholders or fewer for every picture. */
export const llavaProcessor: ProcessorFiles<SquareModelSpec> = {
  className: "LlavaProcessor",
  // transformers.js emits patches + num_additional_image_tokens placeholders, whatever the encoder returns.
  settings: (spec, bakedTokens = patchCount(spec.vision)) => ({
    vision_feature_select_strategy: spec.selectStrategy,
    num_additional_image_tokens: bakedTokens - patchCount(spec.vision),
  }),
};
