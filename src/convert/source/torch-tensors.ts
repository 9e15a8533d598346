import { PrumergeError } from "../../errors.js";
import type { ByteSource } from "../../tensor/byte-source.js";
import { dimensionLimit } from "../../tensor/tensor-limits.js";
import type { Notes } from "./notes.js";
import { lookAtPickle, readPickle } from "./pickle.js";
import type { PickleTensor, PickleValue } from "./pickle-values.js";
import type { FoundTensor } from "./tensor-source.js";
import { elementBytes } from "./torch-globals.js";
import { describeRoot, stateEntries } from "./torch-state.js";
import { readZipDirectory, type ZipEntry } from "./torch-zip.js";

/** Far above any state dictionary; the tensors themselves lie beside it. */
const pickleLimit = 32 * 2 ** 20;

/**
 * The tensors of a state dictionary that `torch.save` wrote in its zip form (torch 1.6 and later), by their place in
 * the file. Executes nothing.
 *
 * @throws PrumergeError `UNSAFE_PICKLE` where the pickle asks for anything but tensors; `INVALID_FILE` for older torch
 * files, damaged ones and those that hold something other than a model's weights; `LIMIT_EXCEEDED`.
 */
export async function readTorchTensors(source: ByteSource, notes: Notes): Promise<Map<string, FoundTensor>> {
  await refuseOldForms(source);
  const entries = await readZipDirectory(source);
  const names = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (names.length !== 1) throw invalid(source.name, "one data.pkl", `${names.length}`);
  const stem = names[0]!.slice(0, -"data.pkl".length);
  await checkByteOrder(source, entries.get(`${stem}byteorder`));
  const { start, end } = entries.get(names[0]!)!;
  if (end - start > pickleLimit) {
    throw new PrumergeError("LIMIT_EXCEEDED", "data.pkl is absurdly large", {
      where: source.name,
      expected: `at most ${pickleLimit} bytes`,
      found: `${end - start} bytes`,
    });
  }
  const root = readState(await source.slice(start, end), source.name, names[0]!);
  return new Map(
    stateEntries(root, source.name, notes).map(([name, tensor]) => [
      name,
      place(tensor, entries.get(`${stem}data/${tensor.storage.key}`), source.name, name),
    ]),
  );
}

async function refuseOldForms(source: ByteSource): Promise<void> {
  const first = await source.slice(0, Math.min(4, source.byteLength));
  if (first[0] === 0x50 && first[1] === 0x4b) return;
  throw new PrumergeError("INVALID_FILE", "not a torch file in zip form", {
    where: source.name,
    expected: "a file written by torch.save of torch 1.6 or later",
    found: first[0] === 0x80 ? "a bare pickle of an older torch" : "something else",
    help: "Load it in torch and save it as safetensors.",
  });
}

async function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return; // older torch did not write it, and only ran on little-endian machines
  const order = new TextDecoder().decode(
    await source.slice(entry.start, Math.min(entry.end, entry.start + 16)),
  );
  if (order !== "little") throw invalid(source.name, "little-endian tensors", JSON.stringify(order));
}

/** The pickle's root; what a refused one is stands in the refusal. */
function readState(bytes: Uint8Array, file: string, entry: string): PickleValue {
  try {
    return readPickle(bytes, `${file}, ${entry}`);
  } catch (error) {
    if (!PrumergeError.isInstance(error) || error.code !== "UNSAFE_PICKLE") throw error;
    const root = lookAtPickle(bytes, file);
    if (root === undefined) throw error;
    const { found, help } = describeRoot(root, file);
    if (help === undefined) throw error;
    throw new PrumergeError("UNSAFE_PICKLE", error.summary, {
      where: file,
      expected: "the weights alone; nothing of the file was executed",
      found: `${error.details.found}, in ${found}`,
      help,
      cause: error,
    });
  }
}

function place(tensor: PickleTensor, entry: ZipEntry | undefined, file: string, name: string): FoundTensor {
  const { storage, type, shape, strides } = tensor;
  const where = `${file}, tensor ${name}`;
  if (entry === undefined) throw invalid(where, `an entry data/${storage.key}`, "none");
  if (shape.length > dimensionLimit)
    throw invalid(where, `at most ${dimensionLimit} dimensions`, `${shape.length}`);
  const width = elementBytes.get(type)!;
  const storageWidth = elementBytes.get(storage.type ?? "uint8")!;
  if (storage.length * storageWidth !== entry.end - entry.start) {
    throw invalid(
      where,
      `a storage of ${storage.length * storageWidth} bytes`,
      `${entry.end - entry.start} bytes`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > 0 && !isContiguous(shape, strides)) {
    throw new PrumergeError("INVALID_FILE", "a tensor whose elements do not lie in order", {
      where,
      expected: "row-major strides",
      found: `shape [${shape.join(", ")}], strides [${strides.join(", ")}]`,
      help: "Save it again after calling contiguous() on it.",
    });
  }
  const offset = entry.start + tensor.offset * width;
  if (offset + count * width > entry.end) {
    throw invalid(where, "a tensor within its storage", `${count} elements from ${tensor.offset}`);
  }
  return { path: file, offset, type, shape };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

function invalid(where: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "damaged torch file", { where, expected, found });
}
