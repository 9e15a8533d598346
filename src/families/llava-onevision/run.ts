import type { RunFamily } from "../family.js";
import { tiledPictures } from "../parts/tiles/pictures.js";
import { type LlavaOnevisionSpec, llavaOnevisionSchema } from "./spec.js";

/** LLaVA-OneVision. Of several pictures in one prompt each is one view, padded to a square. */
export const llavaOnevision: RunFamily<LlavaOnevisionSpec> = {
  name: "llava-onevision",
  schema: llavaOnevisionSchema,
  ...tiledPictures,
  severalAspect: "pad",
};
