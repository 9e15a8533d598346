import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { huggingFaceFamily } from "../../families/convert-registry.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readImageProcessor } from "../../models/files/image-processor.js";
import type { Json } from "../../models/files/json-file.js";
import { readVideoProcessor } from "../../models/files/video-processor.js";
import { assembleCheckpoint } from "./assemble.js";
import { checkpointNames } from "./canonical-names.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { applyAdapter } from "./lora.js";
import { Notes } from "./notes.js";
import { settleOutputLayer } from "./output-layer.js";
import { noteUnread } from "./read-settings.js";
import { tensorTable } from "./tensor-table.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import { requireTensors } from "./weight-files.js";

/** Opens a folder of Hugging Face's layout, which holds all of its parts; an adapter may change some. */
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
  const notes = new Notes();
  const reader = new ConfigReader(config, join(folder, "config.json"));
  const family = huggingFaceFamily(reader);
  const spec = family.huggingFace.parse(reader);
  const naming = checkpointNames(family.names);
  noteUnread([reader], notes);
  const stored = tensorTable(await requireTensors(folder, notes), naming, folder, notes);
  const base = await settleOutputLayer(stored, spec.language.tiedEmbeddings, notes);
  const videoProcessor = await readVideoProcessor(folder);
  const { tensors, tied } =
    lora === undefined ? base : await applyAdapter(base, lora, notes, { needsOthers: false, naming });
  return assembleCheckpoint({
    layout: "hugging-face",
    family,
    folder,
    reader,
    spec: { ...spec, language: { ...spec.language, tiedEmbeddings: tied } },
    config,
    tensors,
    notes,
    imageProcessor: await readImageProcessor(folder, notes.add),
    ...(videoProcessor !== undefined && { videoProcessor }),
    ...(await readTokenizerFiles(folder, "hugging-face", notes.add)),
  });
}
