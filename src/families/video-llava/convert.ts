import { videoPrefix, visionPrefix } from "../../graphs/names.js";
import type { TowerParts } from "../../graphs/tower-parts.js";
import { placeTower } from "../../graphs/vision-tower.js";
import { buildWatching } from "../../graphs/watching.js";
import type { GraphWeights } from "../../graphs/weights.js";
import { earlierLayers } from "../../reduce/need.js";
import type { ConvertFamily } from "../convert-family.js";
import { languageBind, plainVicuna } from "../parts/conversation.js";
import { towerGraphs } from "../parts/graphs.js";
import { checkOneSquare } from "../parts/one-square-pictures.js";
import { huggingFaceVideoLlava } from "./hugging-face.js";
import { originalVideoLlava } from "./original.js";
import { readVideos } from "./read-videos.js";
import type { VideoLlavaSpec } from "./spec.js";

const pictures = towerGraphs({}, { fixedCount: false });

/** The tower for videos. */
function watcher({ watching }: VideoLlavaSpec, weights: GraphWeights): TowerParts {
  const { vision, acrossFrames, frames } = watching;
  return { vision, weights, prefix: videoPrefix, ...(acrossFrames && { frames }) };
}

/** Video-LLaVA. No other program runs graphs of it, so there is no encoder for others. */
export const videoLlava: ConvertFamily<VideoLlavaSpec> = {
  name: "video-llava",
  title: "Video-LLaVA",
  huggingFace: huggingFaceVideoLlava,
  original: originalVideoLlava,
  graphs: {
    ...pictures,
    watching: (spec, weights) =>
      buildWatching(spec, watcher(spec, weights), spec.watching.featureLayer, { layers: earlierLayers }),
    tower(spec, weights) {
      pictures.tower(spec, weights);
      placeTower(watcher(spec, weights));
    },
  },
  names: [
    [/^(?:model\.)?(?:image_tower\.)+(?:vision_model\.)?/, `${visionPrefix}.`],
    [/^(?:model\.)?(?:video_tower\.)+(?:vision_model\.)?/, `${videoPrefix}.`],
  ],
  checkPictures: checkOneSquare,
  readVideos,
  conversation: ({ program }) => ({
    ...(program === "original" ? languageBind : plainVicuna),
    guessed: true,
  }),
  processor: {
    className: "VideoLlavaProcessor",
    settings: ({ selectStrategy }) => ({
      vision_feature_select_strategy: selectStrategy,
      num_additional_image_tokens: 1,
    }),
  },
};
