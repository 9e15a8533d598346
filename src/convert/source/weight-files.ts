import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { isModelFolder, readManifest } from "../../folder/model-folder.js";
import { fileExists } from "../../models/files/json-file.js";
import type { ByteSource } from "../../tensor/byte-source.js";
import { openFileSource } from "../../tensor/file-source.js";
import { readSafetensorsHeader } from "../../tensor/safetensors.js";
import { few, type Notes } from "./notes.js";
import { otherWeights } from "./other-weights.js";
import { readShardIndex } from "./shard-index.js";
import type { FoundTensor } from "./tensor-source.js";
import { readTorchTensors } from "./torch-tensors.js";

/** File names of a model's weights, in the order in which transformers looks for them. */
const modelFiles = ["model.safetensors", "pytorch_model.bin"];

/**
 * All tensors of a model folder, under the names that its files give them.
 *
 * @param notes gets what an index says that its files do not bear out.
 * @param names Base names to look for, each also with `.index.json` for shards.
 * @returns `undefined` where the folder holds none of these files.
 * @throws PrumergeError `INVALID_FILE`, `NOT_FOUND`, `UNSAFE_PATH`, `UNSAFE_PICKLE` or `LIMIT_EXCEEDED`.
 */
export async function findTensors(
  folder: string,
  notes: Notes,
  names: readonly string[] = modelFiles,
): Promise<Map<string, FoundTensor> | undefined> {
  for (const name of names) {
    if (await fileExists(join(folder, name))) return readWeightFile(join(folder, name), notes);
    const index = join(folder, `${name}.index.json`);
    if (await fileExists(index)) return readShards(folder, index, notes);
  }
  return undefined;
}

/**
 * The same where they must be there.
 *
 * @throws PrumergeError also `NOT_FOUND` where there are none, `INVALID_OPTION` where they were converted already.
 */
export async function requireTensors(folder: string, notes: Notes): Promise<Map<string, FoundTensor>> {
  const tensors = await findTensors(folder, notes);
  if (tensors !== undefined) return tensors;
  if (await isModelFolder(folder)) throw await convertedAlready(folder);
  throw new PrumergeError("NOT_FOUND", "no weights", {
    where: folder,
    expected: "model.safetensors or pytorch_model.bin, or an index of shards",
    ...(await otherWeights(folder)),
  });
}

async function convertedAlready(folder: string): Promise<PrumergeError> {
  const manifest = await readManifest(folder).catch(() => undefined);
  return new PrumergeError("INVALID_OPTION", "this folder is a converted model already", {
    where: folder,
    expected: "a checkpoint",
    ...(manifest && { found: `the conversion of ${manifest.source.name}` }),
    help: "It runs as it is (--model); for other settings, convert that checkpoint again",
  });
}

/** The tensors of one safetensors or torch file. */
export async function readWeightFile(path: string, notes: Notes): Promise<Map<string, FoundTensor>> {
  const source = await openFileSource(path);
  try {
    await refuseStandIns(source);
    if (!path.endsWith(".safetensors")) return await readTorchTensors(source, notes);
    const { tensors } = await readSafetensorsHeader(source);
    return new Map(
      [...tensors].map(([name, { type, shape, start }]) => {
        return [name, { path, offset: start, shape, type: storedTypes[type] ?? type }];
      }),
    );
  } finally {
    await source.close();
  }
}

/** Files that stand where weights should: git's pointers to them, and a page that a download brought instead. */
async function refuseStandIns(source: ByteSource): Promise<void> {
  const start = new TextDecoder("latin1").decode(await source.slice(0, Math.min(64, source.byteLength)));
  const [found, help] = start.startsWith("version https://git-lfs")
    ? ["a pointer of git lfs", "Fetch the files themselves: git lfs pull, or download them anew."]
    : /^\s*<(?:!doctype|html|\?xml)/i.test(start)
      ? ["a page of HTML", "Download the file anew: a server sent a page instead."]
      : [];
  if (found === undefined) return;
  throw new PrumergeError("INVALID_FILE", "not the weights", {
    where: source.name,
    found,
    ...(help && { help }),
  });
}

const storedTypes: Readonly<Record<string, string>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** Every tensor of every shard, as transformers reads them: which file the index gives for a tensor decides nothing. */
async function readShards(folder: string, index: string, notes: Notes): Promise<Map<string, FoundTensor>> {
  const placed = await readShardIndex(index);
  const tensors = new Map<string, FoundTensor>();
  for (const file of new Set(placed.values())) {
    for (const [name, tensor] of await readWeightFile(join(folder, file), notes)) {
      if (tensors.has(name)) {
        throw new PrumergeError("INVALID_FILE", "two shards hold the same tensor", {
          where: join(folder, file),
          found: name,
        });
      }
      tensors.set(name, tensor);
    }
  }
  const elsewhere: string[] = [];
  for (const [name, file] of placed) {
    const found = tensors.get(name)?.path;
    if (found === undefined) notes.promised.set(name, file);
    else if (found !== join(folder, file)) elsewhere.push(name);
  }
  if (elsewhere.length > 0)
    notes.add(`${index}: ${elsewhere.length} tensors lie in another shard than it says: ${few(elsewhere)}`);
  return tensors;
}
