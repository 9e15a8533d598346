import { dirname, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { fileExists, readJsonObject } from "../../models/files/json-file.js";
import { checkTensorName, tensorCountLimit } from "../../tensor/tensor-limits.js";

/**
 * The weight map of a `*.index.json`: tensor name to file name beside the index.
 *
 * @throws PrumergeError `UNSAFE_PATH` for files outside the folder, `NOT_FOUND` for files that are not there,
 * `INVALID_FILE` for anything but a map of names.
 */
export async function readShardIndex(path: string): Promise<Map<string, string>> {
  const { weight_map: map } = await readJsonObject(path);
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new PrumergeError("INVALID_FILE", "no weight_map", {
      where: path,
      expected: "an object of file names",
    });
  }
  const placed = Object.entries(map);
  if (placed.length > tensorCountLimit) {
    throw new PrumergeError("LIMIT_EXCEEDED", "too many tensors", {
      where: path,
      expected: `at most ${tensorCountLimit}`,
      found: String(placed.length),
    });
  }
  const files = new Set<string>();
  for (const [name, file] of placed) {
    checkTensorName(name, path);
    if (typeof file !== "string") {
      throw new PrumergeError("INVALID_FILE", "bad weight_map", {
        where: path,
        expected: `a file for ${name}`,
      });
    }
    files.add(file);
  }
  for (const file of files) await checkShard(path, file);
  return new Map(placed as [string, string][]);
}

async function checkShard(index: string, file: string): Promise<void> {
  // Shards lie beside their index; anything that could be a path of another kind is not one of them.
  if (file === "" || file === "." || file === ".." || /[\\/:\0]/.test(file)) {
    throw new PrumergeError("UNSAFE_PATH", "the index names a file outside its folder", {
      where: index,
      expected: "a file name",
      found: JSON.stringify(file),
    });
  }
  if (await fileExists(join(dirname(index), file))) return;
  throw new PrumergeError("NOT_FOUND", "the index names a file that is not there", {
    where: index,
    found: file,
    help: "Download the missing part.",
  });
}
