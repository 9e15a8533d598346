import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import { isHubId } from "./hub-id.js";
import type { ModelFile } from "./model-files.js";

/**
 * Whether a model argument names a folder on this machine; else it is a model id of the hub.
 *
 * @throws PrumergeError `NOT_FOUND` where it is neither.
 */
export async function isFolder(idOrPath: string): Promise<boolean> {
  const local = await stat(idOrPath).catch(() => undefined);
  if (local?.isDirectory()) return true;
  if (local !== undefined) {
    throw new PrumergeError("NOT_FOUND", "a model is a folder, this is a file", { where: idOrPath });
  }
  if (isHubId(idOrPath)) return false;
  throw new PrumergeError("NOT_FOUND", "there is no such model", {
    where: idOrPath,
    expected: "a model folder, or a model id of the hub (owner/name)",
  });
}

/**
 * The files of a folder and of its `onnx/`, links followed; nothing deeper belongs to a model, and a folder that was named
 * by mistake may be of any depth.
 *
 * @throws PrumergeError `INVALID_FILE` where the folder cannot be read.
 */
export async function localFiles(folder: string): Promise<ModelFile[]> {
  const [own, graphs] = await Promise.all([filesIn(folder), filesIn(join(folder, "onnx"))]);
  return [...own, ...graphs.map(({ path, size }) => ({ path: `onnx/${path}`, size }))];
}

async function filesIn(folder: string): Promise<ModelFile[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (["ENOENT", "ENOTDIR"].includes(cause.code ?? "")) return [];
    throw new PrumergeError("INVALID_FILE", "a folder that cannot be read", {
      where: folder,
      found: cause.message,
      cause,
    });
  });
  const files = await Promise.all(
    names.sort().map(async (path) => {
      const found = await stat(join(folder, path)).catch(() => undefined);
      return found?.isFile() ? [{ path, size: found.size }] : [];
    }),
  );
  return files.flat();
}
