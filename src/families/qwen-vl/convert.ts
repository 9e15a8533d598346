import { parseQwen2Vision, parseQwen3Vision, parseQwen25Vision } from "../../models/qwen-vision.js";
import { parseQwen2VlText, parseQwen3VlText } from "../../models/qwen-vl.js";
import type { ConvertFamily } from "../convert-family.js";
import type { Generation } from "./generation.js";
import { checkNative, huggingFaceQwen } from "./hugging-face.js";
import { readVideosOf } from "./read-videos.js";
import type { Qwen2VlSpec, Qwen3VlSpec, Qwen25VlSpec, QwenVlSpec } from "./spec.js";
import { towerPrefix } from "./tower.js";
import { buildVision } from "./vision.js";

/** A picture's visual tokens have no fixed number, so there is no encoder for other programs. */
function family<Spec extends QwenVlSpec>(name: Spec["family"], generation: Generation): ConvertFamily<Spec> {
  return {
    name,
    title: generation.title,
    huggingFace: huggingFaceQwen<Spec>(name, generation),
    graphs: {
      reductions: [],
      vision: (spec, weights) => buildVision(spec, weights, generation.tower),
      tower: (spec, weights) => void buildVision(spec, weights, generation.tower),
    },
    names: [[/^(?:model\.)?visual\./, `${towerPrefix}.`]],
    checkPictures: checkNative,
    readVideos: readVideosOf(generation.frames ?? {}),
    conversation: () => undefined,
    processor: { className: generation.processor, settings: () => ({}) },
  };
}

const layers = { norm: "ln_q", first: "mlp.0", second: "mlp.2" } as const;

export const qwen2Vl = family<Qwen2VlSpec>("qwen2-vl", {
  title: "Qwen2-VL",
  architecture: "Qwen2VLForConditionalGeneration",
  modelType: "qwen2_vl",
  processor: "Qwen2VLProcessor",
  parseVision: parseQwen2Vision,
  parseText: parseQwen2VlText,
  tower: { norm: "layer", patchBias: false, mlp: { up: "fc1", down: "fc2" }, merger: layers },
});

export const qwen25Vl = family<Qwen25VlSpec>("qwen2.5-vl", {
  title: "Qwen2.5-VL",
  architecture: "Qwen2_5_VLForConditionalGeneration",
  modelType: "qwen2_5_vl",
  processor: "Qwen2_5_VLProcessor",
  parseVision: parseQwen25Vision,
  parseText: parseQwen2VlText,
  tower: {
    norm: "rms",
    patchBias: false,
    mlp: { up: "up_proj", down: "down_proj", gate: "gate_proj" },
    merger: layers,
  },
});

export const qwen3Vl = family<Qwen3VlSpec>("qwen3-vl", {
  title: "Qwen3-VL",
  architecture: "Qwen3VLForConditionalGeneration",
  modelType: "qwen3_vl",
  processor: "Qwen3VLProcessor",
  frames: { patch_size: 16, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  parseVision: parseQwen3Vision,
  parseText: parseQwen3VlText,
  tower: {
    norm: "layer",
    patchBias: true,
    mlp: { up: "linear_fc1", down: "linear_fc2" },
    merger: { norm: "norm", first: "linear_fc1", second: "linear_fc2" },
  },
});
