import type { RunFamily } from "../family.js";
import { tiledPictures } from "../parts/tiles/pictures.js";
import { type LlavaNextSpec, llavaNextSchema } from "./spec.js";

/** LLaVA-NeXT (v1.6). */
export const llavaNext: RunFamily<LlavaNextSpec> = {
  name: "llava-next",
  schema: llavaNextSchema,
  ...tiledPictures,
};
