import { dirname, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import type { OriginalLayout } from "../../families/convert-family.js";
import { originalFamily } from "../../families/convert-registry.js";
import { projectorPrefix, visionPrefix } from "../../graphs/names.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readJsonObject } from "../../models/files/json-file.js";
import type { ModelSpec } from "../../models/spec.js";
import { assembleCheckpoint } from "./assemble.js";
import { checkpointNames, type Naming, vocabularyTensors } from "./canonical-names.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { addImageToken, repeatRow, unknownTokenId } from "./image-token.js";
import { applyAdapter } from "./lora.js";
import { openNamedTowers } from "./named-towers.js";
import { few, Notes } from "./notes.js";
import { type LanguageTensors, settleOutputLayer } from "./output-layer.js";
import { noteUnread } from "./read-settings.js";
import { tensorTable } from "./tensor-table.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import { openVisionTower, runTensors, type VisionTowerFolder } from "./vision-tower-folder.js";
import { readWeightFile, requireTensors } from "./weight-files.js";

/** Path of the `config.json` that holds the multimodal settings: the adapter's or projector's where there is one. */
function originalConfigPath(folder: string, { lora, projector }: CheckpointParts): string {
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
  const family = originalFamily(reader);
  const notes = new Notes();
  const { tower, videos } = await openTowers(
    family.original.towers,
    parts.visionTower,
    folder,
    reader,
    notes,
  );
  const { tokenizer: plainTokenizer, ...files } = await readTokenizerFiles(folder, "original", notes.add);

  const vocabularySize = reader.size("vocab_size");
  const { tokenizer, imageTokenId } = addImageToken(plainTokenizer, vocabularySize, folder);
  const claimed = family.original.parse(reader, tower.config, imageTokenId, videos);
  // A two-tower model's own fields are not its tower's.
  const settings = [tower.config, ...(videos === undefined ? [] : [videos])];
  noteUnread(
    [reader, ...settings.flatMap((each) => (each.has("vision_config") ? each.children() : [each]))],
    notes,
  );

  const { tensors: own, tied } = await openLanguageSide(
    folder,
    parts,
    claimed.language.tiedEmbeddings,
    notes,
    checkpointNames(family.names),
  );
  const spec = { ...claimed, language: { ...claimed.language, tiedEmbeddings: tied } };
  const unknownId = unknownTokenId(tokenizer, files.tokenizerConfig, vocabularySize, folder);
  for (const name of vocabularyTensors) {
    const table = own.get(name);
    if (table?.shape[0] !== vocabularySize) continue; // refused with all other shapes below
    own.set(name, await repeatRow(table, unknownId, spec.language.vocabularySize - vocabularySize));
  }
  const holdsTower = [...own.keys()].some((name) => name.startsWith(`${visionPrefix}.`));
  if (holdsTower && tower.tensors.size > 0)
    notes.add(`${folder} holds its vision tower: of ${tower.folder} only the settings are used`);
  if (!holdsTower && reader.boolean("unfreeze_mm_vision_tower", false))
    notes.add(
      `${path} says that the vision tower was trained along, but holds none: ${tower.folder} is used as it is`,
    );
  return assembleCheckpoint({
    layout: "original",
    family,
    folder,
    spec,
    config: family.original.config(spec, original, tower.json),
    // A tower that was trained along lies in the checkpoint, and counts.
    tensors: new Map([...runTensors(tower, spec.vision.layers, notes), ...own]),
    tokenizer,
    imageProcessor: family.original.imageProcessor(spec, reader, tower.imageProcessor),
    notes,
    ...files,
    generationConfig: { ...files.generationConfig, suppress_tokens: [imageTokenId] },
  });
}

/** The tower for pictures, in a folder of its own or of which only the settings are, and the settings of one for videos. */
async function openTowers(
  keys: OriginalLayout<ModelSpec>["towers"],
  given: string | undefined,
  folder: string,
  reader: ConfigReader,
  notes: Notes,
): Promise<{ readonly tower: VisionTowerFolder; readonly videos?: ConfigReader }> {
  if (keys === undefined) return { tower: await openVisionTower(given, folder, reader, notes) };
  const { pictures, videos } = await openNamedTowers(given, folder, reader, keys);
  return { tower: { ...pictures, imageProcessor: {}, tensors: new Map() }, videos: videos.config };
}

async function openLanguageSide(
  folder: string,
  { lora, projector }: CheckpointParts,
  claimedTied: boolean,
  notes: Notes,
  naming: Naming,
): Promise<LanguageTensors> {
  const stored = tensorTable(await requireTensors(folder, notes), naming, folder, notes);
  const base = await settleOutputLayer(stored, claimedTied, notes);
  if (lora !== undefined) return applyAdapter(base, lora, notes, { needsOthers: true, naming });
  if (projector === undefined) return base;
  const own = tensorTable(await readWeightFile(projector, notes), naming, projector, notes);
  const others = [...own.keys()].filter((name) => !name.startsWith(`${projectorPrefix}.`));
  if (others.length > 0) {
    throw new PrumergeError("INVALID_FILE", "tensors that a projector does not have", {
      where: projector,
      expected: "mm_projector alone",
      found: few(others),
      help: "What was trained along with it is not used here: save the whole checkpoint and convert that.",
    });
  }
  return { ...base, tensors: new Map([...base.tensors, ...own]) };
}
