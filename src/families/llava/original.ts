import type { ConfigReader } from "../../models/config-reader.js";
import type { Json } from "../../models/files/json-file.js";
import type { OriginalLayout } from "../convert-family.js";
import { huggingFaceConfig } from "../parts/hugging-face-config.js";
import { originalParts, requireTwoLayers } from "../parts/original.js";
import { huggingFaceLlava } from "./hugging-face.js";
import type { LlavaSpec } from "./spec.js";

/** LLaVA-1.5 of the original code: `mm_patch_merge_type` flat, and one square picture. */
export const originalLlava: OriginalLayout<LlavaSpec> = {
  claims: (config: ConfigReader) =>
    (config.raw("mm_patch_merge_type") ?? "flat") === "flat" &&
    ["square", "pad"].includes((config.raw("image_aspect_ratio") ?? "square") as string),
  parse(config, tower, imageTokenId) {
    requireTwoLayers(config);
    return { family: "llava", ...originalParts(config, tower, imageTokenId) };
  },
  config: (spec: LlavaSpec, original: Json, tower: Json) =>
    huggingFaceConfig(spec, huggingFaceLlava, original, tower),
  /** The original code pads with the mean colour, or resizes and crops the centre. */
  imageProcessor: (_, config, tower) => ({
    ...tower,
    do_pad: config.raw("image_aspect_ratio") === "pad",
  }),
};
