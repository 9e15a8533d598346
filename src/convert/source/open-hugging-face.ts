import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { outputWeight } from "../../graphs/names.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readImageProcessor } from "../../models/files/image-processor.js";
import type { Json } from "../../models/files/json-file.js";
import { fileExists } from "../../models/files/json-file.js";
import { parseHuggingFaceLlava } from "../../models/llava-hf.js";
import { assembleCheckpoint } from "./assemble.js";
import { canonicalName } from "./canonical-names.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { mergeLora, nonLoraName, readNonLora } from "./lora.js";
import type { StoredTensor } from "./tensor-source.js";
import { tensorTable } from "./tensor-table.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import { requireTensors } from "./weight-files.js";

/** A peft adapter, and the projector where it was trained along; the base's own stays otherwise. */
async function withAdapter(
  base: ReadonlyMap<string, StoredTensor>,
  lora: string,
): Promise<Map<string, StoredTensor>> {
  const merged = await mergeLora(base, lora);
  const hasOthers = await fileExists(join(lora, nonLoraName));
  return hasOthers ? new Map([...merged, ...(await readNonLora(lora))]) : merged;
}

/** Opens a Hugging Face `LlavaForConditionalGeneration` folder, which holds all of its parts; an adapter may change some. */
export async function openHuggingFace(
  folder: string,
  config: Json,
  parts: CheckpointParts,
): Promise<Checkpoint> {
  const { lora, ...foreign } = parts;
  const given = Object.entries(foreign).find(([, path]) => path !== undefined);
  if (given !== undefined) {
    throw new PrumergeError("INVALID_OPTION", `${given[0]} is for checkpoints of the original LLaVA layout`, {
      where: folder,
      found: "a Hugging Face LLaVA checkpoint, which holds all of its parts",
    });
  }
  const spec = parseHuggingFaceLlava(new ConfigReader(config, join(folder, "config.json")));
  const base = tensorTable(await requireTensors(folder), canonicalName, folder);
  const tensors = lora === undefined ? base : await withAdapter(base, lora);
  const notes: string[] = [];
  const note = (sentence: string) => void notes.push(sentence);
  // Some checkpoints store the tied table twice.
  if (spec.language.tiedEmbeddings) tensors.delete(outputWeight);
  return assembleCheckpoint({
    layout: "hugging-face",
    folder,
    spec,
    config,
    tensors,
    imageProcessor: await readImageProcessor(folder, note),
    ...(await readTokenizerFiles(folder, "hugging-face", note)),
    notes,
  });
}
