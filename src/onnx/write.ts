import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { clone, toBinary } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import { checkLocation, externalDataOf } from "./external-data.js";
import { defaultLimits } from "./limits.js";
import { type NewFile, replaceFiles } from "./replace-files.js";
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
 * Folders that are missing are made.
 *
 * @throws PrumergeError LIMIT_EXCEEDED where the weights inside it pass protobuf's 2 GiB; INVALID_OPTION where the path
 * is a folder, NOT_FOUND where nothing can be written, DISK_FULL
 */
export async function saveModel(path: string, model: ModelProto): Promise<void> {
  await replaceFiles([modelFile(path, model)]);
}

/** The model's own file, encoded before anything is written, so that one beyond the limit touches nothing. */
function modelFile(path: string, model: ModelProto): NewFile {
  checkEncodable(path, bytesInside(model));
  const bytes = toBinary(ModelProtoSchema, model);
  checkEncodable(path, bytes.byteLength);
  return { path, fill: (file) => file.writeFile(bytes) };
}

/** Bytes of the weights that a model holds itself, but for those that move out of it. */
function bytesInside(model: ModelProto, moving?: ReadonlyMap<string, unknown>): number {
  let sum = 0;
  for (const { name, rawData } of tensorsOf(model)) if (!moving?.has(name)) sum += rawData.byteLength;
  return sum;
}

function checkEncodable(path: string, bytes: number): void {
  if (bytes <= defaultLimits.fileBytes) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "the ONNX model is too large to encode", {
    where: path,
    expected: `at most ${defaultLimits.fileBytes} bytes`,
    found: `${bytes}`,
    help: "Keep its weights in external data.",
  });
}

/**
 * Writes a model and its tensors: those that the model already places in external data go to their places, the others
 * into `<name>_data`, behind what the model has there already. The model that was handed in stays as it is. Every
 * file is complete on disk before the first one takes its place, the model's own last.
 *
 * @param name file name below the folder, e.g. `model.onnx`
 * @param tensors little-endian bytes by initializer name; initializers not in it stay as they are
 * @throws PrumergeError INVALID_TENSOR where bytes do not fill a shape, NOT_FOUND for unknown names, bytes that are
 * missing; UNSAFE_PATH for names that leave the folder; otherwise as {@link saveModel}
 */
export async function writeModel(
  folder: string,
  name: string,
  model: ModelProto,
  tensors: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  const path = join(folder, name);
  checkLocation(name, path);
  checkEncodable(path, bytesInside(model, tensors)); // before it is copied
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
  const weightFiles = [...files].map(
    ([location, parts]): NewFile => ({
      path: join(folder, ...location.split(/[/\\]/)),
      async fill(file) {
        for (const { offset, bytes } of parts) await writeAll(file, bytes, offset);
      },
    }),
  );
  await replaceFiles([...weightFiles, modelFile(path, written)]);
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

// A single write of more than 2^31 - 1 bytes fails on Node.
const largestWrite = 2 ** 30;

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(largestWrite, bytes.byteLength - done);
    const { bytesWritten } = await file.write(bytes, done, length, offset + done);
    done += bytesWritten;
  }
}
