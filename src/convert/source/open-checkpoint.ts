import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { isOriginalLlava } from "../../families/convert-registry.js";
import { ConfigReader } from "../../models/config-reader.js";
import { fileExists, readOptionalJson } from "../../models/files/json-file.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { openHuggingFace } from "./open-hugging-face.js";
import { openOriginal } from "./open-original.js";
import { oneFile, otherWeights } from "./other-weights.js";

/**
 * Opens a LLaVA checkpoint of any supported layout: reads its configuration, tokenizer and the headers of its weight
 * files, and checks that every tensor is there with the right shape. Of the weights, at most two rows are read.
 *
 * @param folder A local folder: a whole checkpoint, or the base of `lora` or `projector`. The base is a language model in
 * the original layout, and a whole checkpoint where the adapter was trained on a Hugging Face one.
 * @throws PrumergeError `NOT_FOUND`, `INVALID_FILE`, `UNSUPPORTED_MODEL`, `UNSAFE_PATH`, `UNSAFE_PICKLE`,
 * `LIMIT_EXCEEDED` or `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const { spec, tensors } = await openCheckpoint("llava-1.5-7b-hf");
 * const tuned = await openCheckpoint("vicuna-7b-v1.5", {
 *   lora: "llava-prumerge-vicuna-7b-v1.5-lora",
 *   visionTower: "clip-vit-large-patch14-336",
 * });
 * ```
 */
export async function openCheckpoint(folder: string, parts: CheckpointParts = {}): Promise<Checkpoint> {
  const path = join(folder, "config.json");
  const config = await readOptionalJson(path);
  if (config === undefined || (await isAdapter(folder))) throw await notACheckpoint(folder);
  const reader = new ConfigReader(config, path);
  const original = isOriginalLlava(reader);
  const whole = reader.has("text_config");
  if (whole && (parts.projector !== undefined || (await isOriginalAdapter(parts.lora))))
    throw reader.unsupported("model_type", "a base language model");
  if (!whole && (parts.lora !== undefined || parts.projector !== undefined))
    return openOriginal(folder, parts);
  if (original) return openOriginal(folder, parts);
  if (["llama", "mistral", "qwen2"].includes(reader.string("model_type", ""))) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a language model without eyes", {
      where: path,
      expected: "a LLaVA checkpoint",
      found: `model_type ${reader.string("model_type")}`,
      help: "Give its LoRA adapter (--lora) or its projector (--projector).",
    });
  }
  return openHuggingFace(folder, config, parts);
}

/**
 * Adapters of the original layout bring the multimodal settings, and belong to a language model without eyes. One for a
 * Hugging Face checkpoint may hold a copy of that checkpoint's configuration.
 */
async function isOriginalAdapter(lora: string | undefined): Promise<boolean> {
  if (lora === undefined) return false;
  const path = join(lora, "config.json");
  const config = await readOptionalJson(path);
  return config !== undefined && isOriginalLlava(new ConfigReader(config, path));
}

async function isAdapter(folder: string): Promise<boolean> {
  return fileExists(join(folder, "adapter_config.json"));
}

async function notACheckpoint(folder: string): Promise<PrumergeError> {
  const file = await oneFile(folder);
  if (file !== undefined) return file;
  if (!(await isAdapter(folder))) {
    return new PrumergeError("NOT_FOUND", "no checkpoint", {
      where: folder,
      expected: "a folder with config.json",
      ...(await otherWeights(folder)),
    });
  }
  return new PrumergeError("UNSUPPORTED_MODEL", "an adapter without its base model", {
    where: folder,
    help: "Open the base language model and give this folder as its LoRA adapter (--lora).",
  });
}
