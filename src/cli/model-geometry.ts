import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelGeometry } from "../cost/index.js";
import { PrumergeError } from "../errors.js";
import { parseModelConfig } from "../families/convert-registry.js";
import { runFamily } from "../families/run-registry.js";
import type { HubOrigin } from "../hub/index.js";
import { describeFolder } from "../model/describe-folder.js";
import { findFolder } from "../model/find-folder.js";
import { type ModelSpec, type SquareModelSpec, squareModel, takesSquares } from "../models/spec.js";

/** The geometry of a model that can be loaded, or of an unconverted checkpoint folder; no weights are read. */
export async function readGeometry(model: string, signal: AbortSignal): Promise<ModelGeometry> {
  const here = await readConfig(model, signal);
  if (here !== undefined) return fixed(here, model);
  const folder = await findFolder(model, { signal, onRemote: ({ hub }) => fetchConfig(hub, signal) });
  return fixed((await readConfig(folder, signal)) ?? (await describeFolder(folder)).spec, model);
}

/** Costs are counted for pictures that all have as many visual tokens. */
function fixed(spec: ModelSpec, model: string): SquareModelSpec {
  if (!runFamily(spec).tiles && takesSquares(spec.vision)) return squareModel(spec);
  const kind = runFamily(spec).tiles ? "in tiles" : "of any size";
  throw new PrumergeError("UNSUPPORTED_MODEL", `the cost of pictures ${kind} is not counted`, {
    where: model,
    expected: "a model that takes one square of a picture",
    found: `${spec.family}, whose visual tokens depend on the picture's size`,
  });
}

/** Downloads config.json alone of a model folder of the hub; returns the folder that holds it. */
export async function fetchConfig(origin: HubOrigin, signal: AbortSignal): Promise<string> {
  const hub = await import("../hub/index.js"); // only here is the hub needed
  return hub.fetchConfig(origin, { signal });
}

/** What the folder's config.json says; undefined where there is none. */
export async function readConfig(folder: string, signal: AbortSignal): Promise<ModelSpec | undefined> {
  const where = join(folder, "config.json");
  const text = await readFile(where, { encoding: "utf8", signal }).catch(() => undefined);
  return text === undefined ? undefined : parseModelConfig(parse(text, where), folder);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
}
