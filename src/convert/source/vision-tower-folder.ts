import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { visionPrefix } from "../../graphs/names.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readImageProcessor } from "../../models/files/image-processor.js";
import type { Json } from "../../models/files/json-file.js";
import { fileExists, readJsonObject } from "../../models/files/json-file.js";
import { towerNames } from "./canonical-names.js";
import type { Notes } from "./notes.js";
import type { StoredTensor } from "./tensor-source.js";
import { tensorTable } from "./tensor-table.js";
import { findTensors } from "./weight-files.js";

export interface VisionTowerFolder {
  readonly folder: string;
  readonly json: Json;
  readonly config: ConfigReader;
  readonly imageProcessor: Json;
  /** Empty where the folder holds settings only, for checkpoints with a tower of their own. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * A vision tower's own folder, as on the hub; two-tower models (`openai/clip-vit-large-patch14-336`) count by their
 * vision half.
 *
 * @param given Default: the folder that the configuration names, where it lies within the checkpoint's own.
 * @param model The checkpoint's configuration, which names the tower.
 * @throws PrumergeError `INVALID_OPTION` where no folder is given, and none found.
 */
export async function openVisionTower(
  given: string | undefined,
  checkpoint: string,
  model: ConfigReader,
  notes: Notes,
): Promise<VisionTowerFolder> {
  const folder = given ?? (await towerWithin(checkpoint, model));
  if (folder === undefined) {
    throw new PrumergeError("INVALID_OPTION", "the checkpoint does not hold its vision tower", {
      where: model.where,
      expected: `a folder for visionTower (--vision-tower), with ${model.string("mm_vision_tower", "its tower")}`,
    });
  }
  const path = join(folder, "config.json");
  const json = await readJsonObject(path);
  const found = (await findTensors(folder, notes)) ?? new Map();
  return {
    folder,
    json,
    config: new ConfigReader(json, path),
    imageProcessor: await readImageProcessor(folder, notes.add),
    tensors: tensorTable(found, towerNames(), folder, notes),
  };
}

/**
 * A tower's tensors without those of layers that the model does not run: the original code takes off SigLIP's last layer,
 * which the tower's own folder holds.
 *
 * @param layers how many it runs
 */
export function runTensors(
  { tensors, folder }: VisionTowerFolder,
  layers: number,
  notes: Notes,
): Map<string, StoredTensor> {
  const isBeyond = (name: string) => {
    const layer = name.startsWith(layerPrefix) ? Number.parseInt(name.slice(layerPrefix.length), 10) : -1;
    return layer >= layers;
  };
  const beyond = [...tensors.keys()].filter(isBeyond);
  notes.passedOver(beyond, "layers of the vision tower that this model does not run", folder);
  return new Map([...tensors].filter(([name]) => !isBeyond(name)));
}

const layerPrefix = `${visionPrefix}.encoder.layers.`;

/** A path below a folder that cannot leave it. */
export const pathBelow = /^(?!\.)[\w.-]+(?:\/(?!\.)[\w.-]+)*$/;

async function towerWithin(checkpoint: string, model: ConfigReader): Promise<string | undefined> {
  const name = model.raw("mm_vision_tower");
  if (typeof name !== "string" || !pathBelow.test(name)) return undefined;
  const folder = join(checkpoint, name);
  return (await fileExists(join(folder, "config.json"))) ? folder : undefined;
}
