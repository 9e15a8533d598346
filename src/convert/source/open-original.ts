import { dirname, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { outputWeight } from "../../graphs/names.js";
import { ConfigReader } from "../../models/config-reader.js";
import type { Json } from "../../models/files/json-file.js";
import { readJsonObject } from "../../models/files/json-file.js";
import { huggingFaceConfig } from "../../models/llava-config.js";
import { originalImageAspect, parseOriginalLlava } from "../../models/llava-original.js";
import { assembleCheckpoint } from "./assemble.js";
import { canonicalName, vocabularyTensors } from "./canonical-names.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { addImageToken, repeatRow, unknownTokenId } from "./image-token.js";
import { mergeLora, readNonLora } from "./lora.js";
import type { StoredTensor } from "./tensor-source.js";
import { tensorTable } from "./tensor-table.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import { openVisionTower } from "./vision-tower-folder.js";
import { readWeightFile, requireTensors } from "./weight-files.js";

/** Path of the `config.json` that holds the multimodal settings: the adapter's or projector's where there is one. */
export function originalConfigPath(folder: string, { lora, projector }: CheckpointParts): string {
  return join(lora ?? (projector === undefined ? folder : dirname(projector)), "config.json");
}

/**
 * Opens the original LLaVA layout: a whole checkpoint, or a base language model with a LoRA adapter or a stage-1
 * projector. The vision tower lies in a folder of its own.
 */
export async function openOriginal(folder: string, parts: CheckpointParts): Promise<Checkpoint> {
  if (parts.lora !== undefined && parts.projector !== undefined) {
    throw new PrumergeError("INVALID_OPTION", "an adapter brings its own projector", {
      expected: "either lora or projector",
      found: "both",
    });
  }
  const path = originalConfigPath(folder, parts);
  const original = await readJsonObject(path);
  const reader = new ConfigReader(original, path);
  const notes: string[] = [];
  const note = (sentence: string) => void notes.push(sentence);
  const tower = await openVisionTower(parts.visionTower, reader, note);
  const { tokenizer: plainTokenizer, ...files } = await readTokenizerFiles(folder, "original", note);

  const vocabularySize = reader.size("vocab_size");
  const { tokenizer, imageTokenId } = addImageToken(plainTokenizer, vocabularySize, folder);
  const spec = parseOriginalLlava(reader, tower.config, imageTokenId);

  const own = await openLanguageSide(folder, parts);
  if (spec.language.tiedEmbeddings) own.delete(outputWeight);
  const unknownId = unknownTokenId(tokenizer, files.tokenizerConfig, vocabularySize, folder);
  for (const name of vocabularyTensors) {
    const table = own.get(name);
    if (table?.shape[0] !== vocabularySize) continue; // refused with all other shapes below
    own.set(name, await repeatRow(table, unknownId, spec.language.vocabularySize - vocabularySize));
  }
  return assembleCheckpoint({
    layout: "original",
    folder,
    spec,
    config: huggingFaceConfig(spec, original, tower.json),
    // A tower that was trained along lies in the checkpoint, and counts.
    tensors: new Map([...tower.tensors, ...own]),
    tokenizer,
    imageProcessor: imageProcessor(tower.imageProcessor, reader),
    ...files,
    notes,
    generationConfig: { ...files.generationConfig, suppress_tokens: [imageTokenId] },
  });
}

async function openLanguageSide(
  folder: string,
  { lora, projector }: CheckpointParts,
): Promise<Map<string, StoredTensor>> {
  const base = tensorTable(await requireTensors(folder), canonicalName, folder);
  if (lora !== undefined) return new Map([...(await mergeLora(base, lora)), ...(await readNonLora(lora))]);
  if (projector === undefined) return base;
  return new Map([...base, ...tensorTable(await readWeightFile(projector), canonicalName, projector)]);
}

function imageProcessor(towers: Json, config: ConfigReader): Json {
  return { ...towers, do_pad: originalImageAspect(config) === "pad" };
}
