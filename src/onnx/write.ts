import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { clone, toBinary } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import { checkLocation, externalDataOf } from "./external-data.js";
import { defaultLimits } from "./limits.js";
import {
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from "./schema/onnx_pb.js";
import { tensorByteLength } from "./tensor-data.js";
import { tensorsOf } from "./walk.js";
import { WeightFile } from "./weight-file.js";

/**
 * Writes a model, without its external data, under a temporary name and renames it, so that a crash leaves no half file.
 *
 * @throws PrumergeError LIMIT_EXCEEDED where the weights inside it pass protobuf's 2 GiB; DISK_FULL
 */
export async function saveModel(path: string, model: ModelProto): Promise<void> {
  let weights = 0;
  for (const tensor of tensorsOf(model)) weights += tensor.rawData.byteLength;
  const bytes = weights > defaultLimits.fileBytes ? undefined : toBinary(ModelProtoSchema, model);
  if (bytes === undefined || bytes.byteLength > defaultLimits.fileBytes) {
    throw new PrumergeError("LIMIT_EXCEEDED", "the ONNX model is too large to encode", {
      where: path,
      expected: `at most ${defaultLimits.fileBytes} bytes`,
      found: `${bytes?.byteLength ?? weights}`,
      help: "Keep its weights in external data.",
    });
  }
  await replaceFile(path, (file) => file.writeFile(bytes));
}

/**
 * Writes a model and its tensors: those that the model already places in external data go to their places, the others
 * into `<name>_data`, behind what the model has there already. The model that was handed in stays as it is.
 *
 * @param name file name below the folder, e.g. `model.onnx`
 * @param tensors little-endian bytes by initializer name; initializers not in it stay as they are
 * @throws PrumergeError INVALID_TENSOR where bytes do not fill a shape, NOT_FOUND for unknown names, DISK_FULL
 */
export async function writeModel(
  folder: string,
  name: string,
  model: ModelProto,
  tensors: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  const path = join(folder, name);
  checkLocation(name, path);
  const written = clone(ModelProtoSchema, model);
  const initializers = new Map(written.graph?.initializer.map((tensor) => [tensor.name, tensor]));
  const files = new Map<string, { offset: number; bytes: Uint8Array }[]>();
  const fresh = new WeightFile(`${name}_data`, externalEnd(written, `${name}_data`, path));
  for (const [key, bytes] of tensors) {
    const tensor = initializers.get(key);
    if (tensor === undefined)
      throw new PrumergeError("NOT_FOUND", "no such initializer", { where: path, found: key });
    checkBytes(tensor, bytes, path);
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) moveOut(tensor, fresh, bytes);
    const { location, offset } = externalDataOf(tensor, path)!;
    const parts = files.get(location) ?? [];
    parts.push({ offset, bytes });
    files.set(location, parts);
  }
  checkComplete(written, tensors, new Set(files.keys()), path);
  await mkdir(dirname(path), { recursive: true });
  for (const [location, parts] of files) {
    await replaceFile(join(folder, location), async (file) => {
      for (const { offset, bytes } of parts) await writeAll(file, bytes, offset);
    });
  }
  await saveModel(path, written);
}

/** Where what a model places in an external file ends, bytes; 0 where it places nothing in it. */
function externalEnd(model: ModelProto, location: string, path: string): number {
  let end = 0;
  for (const tensor of tensorsOf(model)) {
    const external = externalDataOf(tensor, path);
    if (external?.location !== location) continue;
    end = Math.max(end, external.offset + (external.byteLength ?? tensorByteLength(tensor, path) ?? 0));
  }
  return end;
}

function checkBytes(tensor: TensorProto, bytes: Uint8Array, path: string): void {
  const expected = tensorByteLength(tensor, path);
  if (expected === bytes.byteLength) return;
  throw new PrumergeError("INVALID_TENSOR", "a tensor's bytes do not fill its shape", {
    where: `${path}: tensor ${JSON.stringify(tensor.name)}`,
    expected: `${expected} bytes for [${tensor.dims.join(", ")}]`,
    found: `${bytes.byteLength}`,
  });
}

/** An external file is written as a whole, so what the model has in it must be at hand as a whole. */
function checkComplete(
  model: ModelProto,
  tensors: ReadonlyMap<string, Uint8Array>,
  locations: ReadonlySet<string>,
  path: string,
): void {
  for (const tensor of tensorsOf(model)) {
    const external = externalDataOf(tensor, path);
    if (external === undefined || !locations.has(external.location) || tensors.has(tensor.name)) continue;
    throw new PrumergeError("NOT_FOUND", "a tensor's bytes are missing", {
      where: `${path}: ${external.location}`,
      expected: `the bytes of ${JSON.stringify(tensor.name)}, which lies in the same file`,
    });
  }
}

/** Turns an initializer held inside the model into one in external data. */
function moveOut(tensor: TensorProto, file: WeightFile, bytes: Uint8Array): void {
  const { offset, byteLength } = file.place(tensor.name, bytes.byteLength, undefined);
  tensor.rawData = new Uint8Array(0);
  tensor.floatData = [];
  tensor.int32Data = [];
  tensor.int64Data = [];
  tensor.doubleData = [];
  tensor.uint64Data = [];
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = Object.entries({ location: file.location, offset, length: byteLength }).map(
    ([key, value]) => ({ $typeName: "onnx.StringStringEntryProto", key, value: String(value) }),
  );
}

/** Fills a new file beside `path` and puts it in its place once it is complete and on disk. */
async function replaceFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(temporary, "wx");
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
    throw new PrumergeError("DISK_FULL", "no room left", { where: path, cause });
  }
}

// A single write of more than 2^31 - 1 bytes fails on Node.
const largestWrite = 2 ** 30;

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(largestWrite, bytes.byteLength - done);
    const { bytesWritten } = await file.write(bytes, done, length, offset + done);
    done += bytesWritten;
  }
}
