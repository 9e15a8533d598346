import { newlineWeight } from "../../graphs/names.js";
import type { ConvertFamily } from "../convert-family.js";
import { isVicuna, mistral, vicuna } from "../parts/conversation.js";
import { towerGraphs } from "../parts/graphs.js";
import { checkTiles, huggingFaceLlavaNext } from "./hugging-face.js";
import { originalLlavaNext } from "./original.js";
import type { LlavaNextSpec } from "./spec.js";

/** LLaVA-NeXT (v1.6). A picture's visual tokens have no fixed number, so there is no encoder for other programs. */
export const llavaNext: ConvertFamily<LlavaNextSpec> = {
  name: "llava-next",
  title: "LLaVA-NeXT",
  huggingFace: huggingFaceLlavaNext,
  original: originalLlavaNext,
  graphs: towerGraphs({ newline: true }, { fixedCount: false }),
  names: [[/^(?:model\.)?image_newline$/, newlineWeight]],
  checkPictures: checkTiles,
  /** Released ones differ on other language models. */
  conversation(spec) {
    if (spec.language.kind === "mistral") return { ...mistral, guessed: true };
    return isVicuna(spec) ? { ...vicuna, guessed: true } : undefined;
  },
  processor: {
    className: "LlavaNextProcessor",
    settings: ({ vision, selectStrategy }) => ({
      vision_feature_select_strategy: selectStrategy,
      num_additional_image_tokens: vision.classToken ? 1 : 0,
    }),
  },
};
