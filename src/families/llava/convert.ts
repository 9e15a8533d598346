import type { ConvertFamily } from "../convert-family.js";
import { isVicuna, vicuna } from "../parts/conversation.js";
import { towerGraphs } from "../parts/graphs.js";
import { checkOneSquare, llavaProcessor } from "../parts/one-square-pictures.js";
import { huggingFaceLlava } from "./hugging-face.js";
import { originalLlava } from "./original.js";
import type { LlavaSpec } from "./spec.js";

/** LLaVA-1.5, with CLIP or SigLIP. */
export const llava: ConvertFamily<LlavaSpec> = {
  name: "llava",
  title: "LLaVA",
  huggingFace: huggingFaceLlava,
  original: originalLlava,
  graphs: towerGraphs({}, { fixedCount: true }),
  names: [],
  checkPictures: checkOneSquare,
  conversation: (spec) => ({ ...vicuna, guessed: !isVicuna(spec) }),
  processor: llavaProcessor,
};
