import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelGeometry } from "../cost/index.js";
import { PrumergeError } from "../errors.js";
import { findFolder } from "../generate/find-folder.js";
import { describeModel } from "../generate/model-description.js";
import { parseLlavaConfig } from "../models/llava.js";

/** The geometry of a model that can be loaded, or of an unconverted checkpoint folder; no weights are read. */
export async function readGeometry(model: string, signal: AbortSignal): Promise<ModelGeometry> {
  const config = await readFile(join(model, "config.json"), { encoding: "utf8", signal }).catch(
    () => undefined,
  );
  if (config !== undefined) return parseLlavaConfig(parse(config, join(model, "config.json")), model);
  return (await describeModel(await findFolder(model, { signal }))).spec;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
}
