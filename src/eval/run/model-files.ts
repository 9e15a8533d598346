import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import type { ModelFile } from "./run-folder.js";

/** Which files of a model folder decide an answer: graphs and weights, and the texts beside them. */
const deciding = /^(onnx\/.+|[^/]+\.(json|jinja|txt|model))$/;

/**
 * The hash of a model: sha256 over the paths and hashes of all files that decide an answer.
 *
 * @param known hashes of an earlier look; a file that has kept its size and time is not read again
 * @throws PrumergeError NOT_FOUND
 */
export async function hashModel(
  folder: string,
  known: readonly ModelFile[] = [],
): Promise<{ readonly hash: string; readonly files: ModelFile[] }> {
  const paths = (await list(folder, "")).filter((path) => deciding.test(path)).sort();
  const files: ModelFile[] = [];
  for (const path of paths) {
    const { size, mtimeMs } = await stat(join(folder, path));
    const same = known.find((file) => file.path === path && file.bytes === size && file.modified === mtimeMs);
    files.push(same ?? { path, bytes: size, modified: mtimeMs, sha256: await hashFile(join(folder, path)) });
  }
  const sum = createHash("sha256");
  for (const { path, sha256 } of files) sum.update(`${sha256}  ${path}\n`);
  return { hash: sum.digest("hex"), files };
}

/** sha256 of a file, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** The folder's files, and those of its folder onnx; forward slashes. */
async function list(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "no model folder here", { where: join(folder, below), cause });
  });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = `${below}${entry.name}`;
    const info = await stat(join(folder, path)).catch(() => undefined); // through links, as caches have them
    if (info?.isFile()) paths.push(path);
    else if (info?.isDirectory() && path === "onnx") paths.push(...(await list(folder, "onnx/")));
  }
  return paths;
}
