import { PrumergeError } from "../../errors.js";
import type { ByteSource } from "../../tensor/byte-source.js";
import { checkTensorName, dimensionLimit } from "../../tensor/tensor-limits.js";
import { readPickle } from "./pickle.js";
import { PickleTensor, type PickleValue } from "./pickle-values.js";
import { elementBytes } from "./torch-globals.js";
import { readZipDirectory, type ZipEntry } from "./torch-zip.js";
import type { FoundTensor } from "./weight-files.js";

/** Far above any state dictionary; the tensors themselves lie beside it. */
const pickleLimit = 32 * 2 ** 20;

/**
 * The tensors of a state dictionary that `torch.save` wrote in its zip form (torch 1.6 and later), by their place in
 * the file. Executes nothing.
 *
 * @throws PrumergeError `UNSAFE_PICKLE` where the pickle asks for anything but tensors; `INVALID_FILE` for older torch
 * files and damaged ones; `LIMIT_EXCEEDED`.
 */
export async function readTorchTensors(source: ByteSource): Promise<Map<string, FoundTensor>> {
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
  const root = readPickle(await source.slice(start, end), `${source.name}, ${names[0]}`);
  return new Map(
    stateEntries(root, source.name).map(([name, tensor]) => [
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

function stateEntries(root: PickleValue, where: string): [string, PickleTensor][] {
  if (!(root instanceof Map)) throw invalid(where, "a dictionary of tensors", "something else");
  return [...root].map(([name, value]) => {
    if (typeof name !== "string" || !(value instanceof PickleTensor)) {
      throw invalid(where, "a dictionary of tensors", `something else under ${JSON.stringify(name)}`);
    }
    checkTensorName(name, where);
    return [name, value];
  });
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
