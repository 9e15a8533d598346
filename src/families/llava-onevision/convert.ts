import { newlineWeight } from "../../graphs/names.js";
import { llavaOnevisionGrids } from "../../image/tiles/released-grids.js";
import { patchCount } from "../../models/spec.js";
import type { ConvertFamily } from "../convert-family.js";
import { chatml, qwen } from "../parts/conversation.js";
import { towerGraphs } from "../parts/graphs.js";
import { tilesCheck } from "../parts/tiles/check-tiles.js";
import { huggingFaceLlavaOnevision } from "./hugging-face.js";
import { originalLlavaOnevision } from "./original.js";
import { readVideos } from "./read-videos.js";
import type { LlavaOnevisionSpec } from "./spec.js";

const title = "LLaVA-OneVision";

/** LLaVA-OneVision. A picture's visual tokens have no fixed number, so there is no encoder for other programs. */
export const llavaOnevision: ConvertFamily<LlavaOnevisionSpec> = {
  name: "llava-onevision",
  title,
  huggingFace: huggingFaceLlavaOnevision,
  original: originalLlavaOnevision,
  graphs: towerGraphs({ newline: true }, { fixedCount: false }),
  names: [[/^(?:model\.)?image_newline$/, newlineWeight]],
  checkPictures: tilesCheck(title, llavaOnevisionGrids),
  readVideos,
  /** The original code puts a system message first, transformers' checkpoints none. */
  conversation({ language, unpad }) {
    if (language.kind !== "qwen2") return undefined;
    return { ...(unpad === "original" ? qwen : chatml), guessed: true };
  },
  processor: {
    className: "LlavaOnevisionProcessor",
    settings: ({ vision, selectStrategy, mostTiles }) => ({
      num_image_tokens: patchCount(vision),
      vision_feature_select_strategy: selectStrategy,
      vision_aspect_ratio: `anyres_max_${mostTiles}`,
    }),
  },
};
