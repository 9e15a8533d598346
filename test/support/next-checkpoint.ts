import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Changes, changedCopy, goldenPath, temporaryFolder, writeJson } from "./checkpoint-folder.js";

const golden = "llava/tiny-llava-llama";

/** [height, width] of what these checkpoints choose from; the tile is 112 pixels wide. */
export const tinyGrids = [
  [112, 224],
  [224, 112],
  [224, 224],
];

const newline = Float32Array.from({ length: 64 }, (_, at) => at / 64);

/** A LLaVA-NeXT checkpoint in Hugging Face's layout: the recorded tiny LLaVA with the vector that ends lines of tiles. */
export function nextCheckpoint({ rename, tensors, config, without = [] }: Changes = {}): string {
  const folder = changedCopy(golden, {
    without: ["processor_config.json", ...without],
    tensors: (all) => {
      const own = { shape: [64], data: newline };
      const name = rename === undefined ? "image_newline" : rename("image_newline");
      if (name !== undefined) all.set(name, own);
      tensors?.(all);
    },
    ...(rename && { rename }),
    config: (json) => {
      Object.assign(json, {
        architectures: ["LlavaNextForConditionalGeneration"],
        model_type: "llava_next",
        image_grid_pinpoints: tinyGrids,
        use_image_newline_parameter: true,
      });
      config?.(json);
    },
  });
  writeJson(folder, "preprocessor_config.json", {
    ...recordedProcessor(),
    image_processor_type: "LlavaNextImageProcessor",
    aspect_ratio_setting: "anyres",
    image_grid_pinpoints: tinyGrids,
    do_pad: true,
    processor_class: "LlavaNextProcessor",
  });
  return folder;
}

/** The same model in the original layout, its tower within, and a folder that says how the tower is built. */
export function originalNext({ config: change, tensors }: Pick<Changes, "config" | "tensors"> = {}): {
  readonly folder: string;
  readonly visionTower: string;
} {
  const { text_config: text, vision_config: vision } = recordedConfig();
  const folder = changedCopy(golden, {
    without: ["processor_config.json", "preprocessor_config.json"],
    rename: originalName,
    tensors: (all) => {
      all.set("model.image_newline", { shape: [64], data: newline });
      tensors?.(all);
    },
    config: (json) => {
      for (const key of Object.keys(json)) delete json[key];
      Object.assign(json, text, {
        architectures: ["LlavaLlamaForCausalLM"],
        model_type: "llava_llama",
        image_aspect_ratio: "anyres",
        image_grid_pinpoints: tinyGrids,
        mm_hidden_size: 64,
        mm_patch_merge_type: "spatial_unpad",
        mm_projector_type: "mlp2x_gelu",
        mm_vision_select_feature: "patch",
        mm_vision_select_layer: -2,
        mm_vision_tower: "openai/clip-vit-large-patch14-336",
        unfreeze_mm_vision_tower: true,
        image_crop_resolution: 112,
        image_split_resolution: 112,
      });
      change?.(json);
    },
  });
  const visionTower = temporaryFolder();
  writeJson(visionTower, "config.json", vision);
  writeJson(visionTower, "preprocessor_config.json", recordedProcessor());
  return { folder, visionTower };
}

/** What the original code calls a tensor of Hugging Face's layout. */
export function originalName(name: string): string {
  return name
    .replace(/^vision_tower\./, "model.vision_tower.vision_tower.")
    .replace(/^multi_modal_projector\.linear_1\./, "model.mm_projector.0.")
    .replace(/^multi_modal_projector\.linear_2\./, "model.mm_projector.2.")
    .replace(/^language_model\.lm_head\./, "lm_head.")
    .replace(/^language_model\.model\./, "model.");
}

function recorded(name: string) {
  return JSON.parse(readFileSync(join(goldenPath(golden), name), "utf8"));
}

function recordedConfig() {
  return recorded("config.json");
}

function recordedProcessor(): object {
  return recorded("preprocessor_config.json");
}
