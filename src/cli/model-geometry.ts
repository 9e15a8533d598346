import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelGeometry, ShownPicture } from "../cost/index.js";
import { PrumergeError } from "../errors.js";
import { parseModelConfig } from "../families/convert-registry.js";
import { runFamily } from "../families/run-registry.js";
import type { HubOrigin } from "../hub/index.js";
import { describeFolder } from "../model/describe-folder.js";
import { findFolder } from "../model/find-folder.js";
import { manifestName } from "../models/names.js";
import { type ModelSpec, squareModel, takesSquares } from "../models/spec.js";
import { insideOf } from "../reduce/sites.js";

/** Sides of a picture, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What costs are counted of. */
export interface ModelAndPicture {
  readonly model: ModelGeometry;
  /** Left out for models to which all pictures are the same. */
  readonly picture?: ShownPicture;
}

/**
 * The geometry of a model that can be loaded, or of an unconverted checkpoint folder, and what a picture of a size is to it; no
 * weights are read.
 *
 * @throws PrumergeError INVALID_OPTION for a model whose visual tokens depend on the picture's size where none is given, and for a
 * size where they do not
 */
export async function readGeometry(
  model: string,
  size: PictureSize | undefined,
  signal: AbortSignal,
): Promise<ModelAndPicture> {
  const here = await readConfig(model, signal);
  const folder =
    here === undefined
      ? await findFolder(model, { signal, onRemote: ({ hub }) => fetchConfig(hub, signal) })
      : model;
  const spec = here ?? (await readConfig(folder, signal)) ?? (await describeFolder(folder)).spec;
  const depends = runFamily(spec).tiles || !takesSquares(spec.vision);
  if (depends !== (size !== undefined)) throw wrongSize(spec, model, size);
  if (size === undefined) return { model: squareModel(spec) };
  return { model: spec, picture: await pictureOf(spec, folder, size) };
}

function wrongSize({ family }: ModelSpec, model: string, size: PictureSize | undefined): PrumergeError {
  const summary =
    size === undefined
      ? "this model's visual tokens depend on the picture's size"
      : "all pictures have as many visual tokens to this model";
  return new PrumergeError("INVALID_OPTION", summary, {
    where: "--picture",
    expected: size === undefined ? "a width and a height, such as 640x480" : "none",
    found: `${family} (${model})`,
  });
}

/** What the model's own preprocessing makes of a picture, found out with a blank one. */
async function pictureOf(
  spec: ModelSpec,
  folder: string,
  { width, height }: PictureSize,
): Promise<ShownPicture> {
  const [{ parsePreprocessing, preprocess }, { readImageProcessor }] = await Promise.all([
    import("../image/index.js"),
    import("../models/files/image-processor.js"),
  ]);
  const preprocessing = parsePreprocessing(await readImageProcessor(folder), folder);
  const pixels = preprocess({ width, height, data: new Uint8Array(width * height * 3) }, preprocessing);
  const family = runFamily(spec);
  const sites = family.sites(pixels, spec);
  const inside = sites.regions.map((region) => insideOf(region)).map(({ rows, columns }) => rows * columns);
  return { views: inside, unreducedTokens: family.arrange(sites, pixels, spec).origin.length };
}

/** Downloads config.json alone of a model folder of the hub; returns the folder that holds it. */
export async function fetchConfig(origin: HubOrigin, signal: AbortSignal): Promise<string> {
  const hub = await import("../hub/index.js"); // only here is the hub needed
  return hub.fetchConfig(origin, { signal });
}

/** What the config.json of a checkpoint says; undefined where there is none, and of a converted folder, whose manifest says it. */
export async function readConfig(folder: string, signal: AbortSignal): Promise<ModelSpec | undefined> {
  if (existsSync(join(folder, manifestName))) return undefined;
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
