import { basename, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../../models/config-reader.js";
import { fileExists, readJsonObject } from "../../models/files/json-file.js";
import { pathBelow, type VisionTowerFolder } from "./vision-tower-folder.js";

/** The settings of a tower whose weights the checkpoint holds. */
type TowerSettings = Pick<VisionTowerFolder, "folder" | "json" | "config">;

/**
 * Settings of the towers that a checkpoint names by their hub ids, `owner/name`: folders of that name, or of its last part, in a
 * folder that is given or in the checkpoint's own. Weights beside them are not read.
 *
 * @param keys under which the checkpoint's configuration names them
 * @throws PrumergeError `INVALID_OPTION` where one is not found
 */
export async function openNamedTowers<Key extends string>(
  given: string | undefined,
  checkpoint: string,
  model: ConfigReader,
  keys: Readonly<Record<Key, string>>,
): Promise<Readonly<Record<Key, TowerSettings>>> {
  const names = Object.entries<string>(keys).map(([part, key]) => [part, model.string(key)] as const);
  const roots = given === undefined ? [checkpoint] : [given, checkpoint];
  const found = await Promise.all(
    names.map(async ([part, name]) => [part, await settingsIn(roots, name)] as const),
  );
  const missing = names.filter((_, at) => found[at]![1] === undefined).map(([, name]) => name);
  if (missing.length > 0) {
    throw new PrumergeError("INVALID_OPTION", "the settings of the checkpoint's towers are not there", {
      where: model.where,
      expected:
        "a folder for visionTower (--vision-tower), or the checkpoint's own, that holds " +
        names.map(([, name]) => `${basename(name)}/config.json`).join(" and "),
      found: `no ${missing.join(", no ")}`,
      help:
        "The checkpoint holds their weights, so that of each tower's own repository config.json is enough: " +
        missing
          .map((name) => `hf download ${name} config.json --local-dir TOWERS/${basename(name)}`)
          .join("; ") +
        "; then give --vision-tower TOWERS",
    });
  }
  return Object.fromEntries(found) as Record<Key, TowerSettings>;
}

async function settingsIn(roots: readonly string[], name: string): Promise<TowerSettings | undefined> {
  if (!pathBelow.test(name)) return undefined;
  for (const folder of roots.flatMap((root) => [join(root, name), join(root, basename(name))])) {
    const path = join(folder, "config.json");
    if (!(await fileExists(path))) continue;
    const json = await readJsonObject(path);
    return { folder, json, config: new ConfigReader(json, path) };
  }
  return undefined;
}
