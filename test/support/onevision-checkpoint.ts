import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Changes, changedCopy, goldenPath, temporaryFolder, writeJson } from "./checkpoint-folder.js";
import { originalName } from "./next-checkpoint.js";

/** The recorded tiny LLaVA-OneVision, in Hugging Face's layout. */
export const onevisionGolden = "llava_onevision/tiny-ov-qwen2";

/** Where the original code has its tower: without the layer that it takes off, which its configuration counts. */
interface OriginalOnevision {
  readonly folder: string;
  readonly visionTower: string;
}

/** The recorded model in the original layout, its tower within, and a folder that says how the tower is built. */
export function originalOnevision({
  config: change,
  tensors,
}: Pick<Changes, "config" | "tensors"> = {}): OriginalOnevision {
  const read = (name: string) => JSON.parse(readFileSync(join(goldenPath(onevisionGolden), name), "utf8"));
  const { text_config: text, vision_config: vision } = read("config.json");
  const folder = changedCopy(onevisionGolden, {
    without: ["processor_config.json", "preprocessor_config.json"],
    rename: (name) => (name === "image_newline" ? "model.image_newline" : originalName(name)),
    ...(tensors && { tensors }),
    config: (json) => {
      for (const key of Object.keys(json)) delete json[key];
      Object.assign(json, text, {
        architectures: ["LlavaQwenForCausalLM"],
        model_type: "llava_qwen",
        image_aspect_ratio: "anyres_max_9",
        image_grid_pinpoints: "(1x1),...,(6x6)",
        mm_hidden_size: 48,
        mm_newline_position: "one_token",
        mm_patch_merge_type: "spatial_unpad",
        mm_projector_type: "mlp2x_gelu",
        mm_spatial_pool_mode: "bilinear",
        mm_tunable_parts: "mm_vision_tower,mm_mlp_adapter,mm_language_model",
        mm_vision_select_feature: "patch",
        mm_vision_select_layer: -2,
        mm_vision_tower: "google/siglip-so400m-patch14-384",
        tokenizer_model_max_length: 4096,
      });
      change?.(json);
    },
  });
  const visionTower = temporaryFolder();
  const { vision_use_head: _, ...own } = vision;
  writeJson(visionTower, "config.json", {
    model_type: "siglip",
    text_config: {},
    vision_config: { ...own, num_hidden_layers: own.num_hidden_layers + 1 },
  });
  writeJson(visionTower, "preprocessor_config.json", {
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_processor_type: "SiglipImageProcessor",
    image_std: [0.5, 0.5, 0.5],
    processor_class: "SiglipProcessor",
    resample: 3,
    rescale_factor: 1 / 255,
    size: { height: own.image_size, width: own.image_size },
  });
  return { folder, visionTower };
}
