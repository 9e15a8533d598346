import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { outputWeight } from "../../graphs/names.js";
import { ConfigReader } from "../../models/config-reader.js";
import { parseHuggingFaceLlava } from "../../models/llava-hf.js";
import { assembleCheckpoint } from "./assemble.js";
import { canonicalName } from "./canonical-names.js";
import type { Checkpoint, CheckpointParts, Json } from "./checkpoint.js";
import { readImageProcessor } from "./image-processor.js";
import { tensorTable } from "./tensor-table.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import { requireTensors } from "./weight-files.js";

/** Opens a Hugging Face `LlavaForConditionalGeneration` folder, which holds all of its parts. */
export async function openHuggingFace(
  folder: string,
  config: Json,
  parts: CheckpointParts,
): Promise<Checkpoint> {
  const given = Object.entries(parts).find(([, path]) => path !== undefined);
  if (given !== undefined) {
    throw new PrumergeError("INVALID_OPTION", `${given[0]} is for checkpoints of the original LLaVA layout`, {
      where: folder,
      found: "a Hugging Face LLaVA checkpoint, which holds all of its parts",
    });
  }
  const spec = parseHuggingFaceLlava(new ConfigReader(config, join(folder, "config.json")));
  const tensors = tensorTable(await requireTensors(folder), canonicalName, folder);
  // Some checkpoints store the tied table twice.
  if (spec.language.tiedEmbeddings) tensors.delete(outputWeight);
  return assembleCheckpoint({
    layout: "hugging-face",
    folder,
    spec,
    config,
    tensors,
    imageProcessor: await readImageProcessor(folder),
    ...(await readTokenizerFiles(folder, "hugging-face")),
  });
}
