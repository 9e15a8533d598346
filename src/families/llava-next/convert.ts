import { newlineWeight } from "../../graphs/names.js";
import { llavaNextGrids } from "../../image/tiles/released-grids.js";
import type { ConvertFamily } from "../convert-family.js";
import { tiledConversation } from "../parts/conversation.js";
import { towerGraphs } from "../parts/graphs.js";
import { tilesCheck } from "../parts/tiles/check-tiles.js";
import { huggingFaceLlavaNext } from "./hugging-face.js";
import { originalLlavaNext } from "./original.js";
import type { LlavaNextSpec } from "./spec.js";

const title = "LLaVA-NeXT";

/** LLaVA-NeXT (v1.6). A picture's visual tokens have no fixed number, so there is no encoder for other programs. */
export const llavaNext: ConvertFamily<LlavaNextSpec> = {
  name: "llava-next",
  title,
  huggingFace: huggingFaceLlavaNext,
  original: originalLlavaNext,
  graphs: towerGraphs({ newline: true }, { fixedCount: false }),
  names: [[/^(?:model\.)?image_newline$/, newlineWeight]],
  checkPictures: tilesCheck(title, llavaNextGrids),
  conversation(spec) {
    const found = tiledConversation(spec);
    return found && { ...found, guessed: true };
  },
  processor: {
    className: "LlavaNextProcessor",
    settings: ({ vision, selectStrategy }) => ({
      vision_feature_select_strategy: selectStrategy,
      num_additional_image_tokens: vision.classToken ? 1 : 0,
    }),
  },
};
