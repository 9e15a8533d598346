import type { ConfigReader } from "../../models/config-reader.js";
import { parseVisionTower } from "../../models/vision-tower.js";
import type { OriginalLayout } from "../convert-family.js";
import { featureLayerIndex } from "../parts/fields.js";
import { huggingFaceConfig } from "../parts/hugging-face-config.js";
import { originalParts, requireTwoLayers } from "../parts/original.js";
import { huggingFaceVideoLlava, usualFrames } from "./hugging-face.js";
import type { VideoLlavaSpec } from "./spec.js";

/**
 * Video-LLaVA of its authors' code. Its configuration is LLaVA's but for the names of two towers of LanguageBind's, whose
 * own configurations lie elsewhere.
 */
export const originalVideoLlava: OriginalLayout<VideoLlavaSpec> = {
  claims: (config) => config.has("mm_video_tower") || config.has("mm_image_tower"),
  towers: { pictures: "mm_image_tower", videos: "mm_video_tower" },
  parse(config, pictures, imageTokenId, videos) {
    requireTwoLayers(config);
    config.choice("image_aspect_ratio", ["square", "pad"], "square");
    const seeing = towerOf(pictures);
    if (seeing.raw("add_time_attn") === true) throw seeing.unsupported("add_time_attn", "false of pictures");
    seeing.raw("num_frames");
    for (const key of ["mm_use_x_start_end", "mm_use_x_patch_token"]) {
      if (config.raw(key) !== undefined && config.raw(key) !== false) throw config.unsupported(key, "false");
    }
    const parts = originalParts(config, seeing, imageTokenId);
    return {
      family: "video-llava",
      ...parts,
      program: "original",
      watching: watchingOf(config, towerOf(videos!), parts.vision.hiddenSize),
    };
  },
  config: (spec, original, tower) => huggingFaceConfig(spec, huggingFaceVideoLlava, original, tower),
  /** What `LanguageBindImageProcessor` does, which reads no file: CLIP's mean and deviation, torchvision's tensors. */
  imageProcessor: ({ vision }, config) => ({
    image_processor_type: "LanguageBindImageProcessor",
    size: { shortest_edge: vision.imageSize },
    crop_size: { height: vision.imageSize, width: vision.imageSize },
    do_pad: config.raw("image_aspect_ratio") === "pad",
  }),
};

/** The half of a two-tower model that sees. */
function towerOf(config: ConfigReader): ConfigReader {
  const vision = config.object("vision_config");
  if (vision === undefined) throw config.unsupported("vision_config", "the configuration of a tower");
  // Whether there is a low-rank part in it is told by its weights, and what is dropped by chance is so in training.
  for (const key of [
    ...lowRank,
    "tie_word_embeddings",
    "force_patch_dropout",
    "num_mel_bins",
    "target_length",
    "video_decode_backend",
  ])
    vision.raw(key);
  return vision;
}

const lowRank = ["lora_alpha", "lora_dropout", "lora_r"];

function watchingOf(config: ConfigReader, tower: ConfigReader, width: number): VideoLlavaSpec["watching"] {
  const vision = parseVisionTower(tower);
  if (!vision.classToken || vision.hiddenSize !== width)
    throw tower.unsupported("hidden_size", `a tower with a class token, ${width} wide as that for pictures`);
  const frames = tower.size("num_frames", usualFrames);
  const acrossFrames = tower.boolean("add_time_attn", false);
  if (acrossFrames && frames < 2)
    throw tower.unsupported("num_frames", "2 or more where add_time_attn is true");
  return {
    vision,
    featureLayer: featureLayerIndex(config, "mm_vision_select_layer", vision.layers),
    frames,
    acrossFrames,
  };
}
