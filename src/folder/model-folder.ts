import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import { manifestName } from "../models/names.js";
import type { Manifest } from "./manifest.js";
import { parseManifest } from "./parse-manifest.js";

/** A converted model on disk, checked: every file is there, graphs and weights with their size. Graph paths are absolute. */
export interface ModelFolder extends Omit<Manifest, "format" | "graphs"> {
  /** Absolute path of the folder. */
  readonly path: string;
  readonly graphs: Manifest["graphs"];
  /** Jinja text of the chat template. */
  readonly chatTemplate: string;
}

/** Our manifests are a few kilobytes; a larger one is not ours. */
const manifestLimit = 4 * 1024 * 1024;

/** Whether a folder was written by our converter. */
export async function isModelFolder(path: string): Promise<boolean> {
  return (await stat(join(path, manifestName)).catch(() => undefined))?.isFile() ?? false;
}

/**
 * Reads and checks a model folder written by the converter.
 *
 * @throws PrumergeError NOT_FOUND where the folder, `prumerge.json` or a listed file is missing; INVALID_FILE where the
 * manifest breaks its schema, is of another format version, or a graph or weight file has another size than recorded; texts may have been edited
 */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const folder = resolve(path);
  const { format: _, ...manifest } = await readManifest(folder);
  await Promise.all(manifest.files.map((file) => checkFile(folder, file)));
  const graphs = Object.fromEntries(
    Object.entries(manifest.graphs).map(([name, file]) => [name, join(folder, file)]),
  ) as unknown as Manifest["graphs"];
  const chatTemplate = await readFile(join(folder, "chat_template.jinja"), "utf8").catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "a model folder lacks its chat template", {
      where: join(folder, "chat_template.jinja"),
      cause,
    });
  });
  return { ...manifest, path: folder, graphs, chatTemplate };
}

/**
 * Reads `prumerge.json` alone; the files that it lists are not looked at.
 *
 * @throws PrumergeError as {@link readModelFolder}
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const where = join(folder, manifestName);
  const info = await stat(where).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "no converted model here", {
      where: folder,
      expected: `a folder with ${manifestName}`,
      help: "Convert a checkpoint first: prumerge convert SOURCE DESTINATION",
      cause,
    });
  });
  if (info.size > manifestLimit) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a manifest is too large", {
      expected: `at most ${manifestLimit} bytes`,
      found: `${info.size} bytes`,
      where,
    });
  }
  // Editors on Windows put a byte order mark first, which decoders leave out.
  return parseManifest(new TextDecoder().decode(await readFile(where)), where);
}

async function checkFile(folder: string, file: { path: string; bytes: number }): Promise<void> {
  const where = join(folder, file.path);
  const info = await stat(where).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "a model folder lacks one of its files", {
      where,
      help: "Copy the folder again, or convert the checkpoint again",
      cause,
    });
  });
  const sizeMatters = file.path.startsWith("onnx/");
  if (!info.isFile() || (sizeMatters && info.size !== file.bytes)) {
    throw new PrumergeError("INVALID_FILE", "a file of a model folder has the wrong size", {
      expected: `${file.bytes} bytes`,
      found: `${info.size} bytes`,
      where,
      help: "Copy the folder again, or convert the checkpoint again",
    });
  }
}
