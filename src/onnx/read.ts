import { fromBinary } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import type { ByteSource } from "../tensor/byte-source.js";
import { openFileSource } from "../tensor/file-source.js";
import { defaultLimits, type OnnxLimits } from "./limits.js";
import { scanMessage } from "./scan.js";
import { type ModelProto, ModelProtoSchema } from "./schema/onnx_pb.js";
import { checkTensor } from "./tensor-data.js";
import { tensorsOf } from "./walk.js";

/**
 * Decodes the bytes of a `.onnx` file. Fields that this version's schema does not know are kept and written again.
 *
 * @param name for error messages, a path or URL
 * @throws PrumergeError INVALID_FILE where the bytes are no ONNX model, LIMIT_EXCEEDED where they break a cap
 */
export function parseModel(bytes: Uint8Array, name: string, limits: Partial<OnnxLimits> = {}): ModelProto {
  const caps = { ...defaultLimits, ...limits };
  checkSize(bytes.byteLength, name, caps);
  scanMessage(bytes, ModelProtoSchema, name, caps);
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not a well-formed ONNX model", {
      where: name,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  if (model.graph === undefined || model.opsetImport.length === 0) {
    throw new PrumergeError("INVALID_FILE", "not an ONNX model", {
      where: name,
      expected: "a graph and its operator sets",
      found: model.graph === undefined ? "no graph" : "no operator set",
    });
  }
  for (const tensor of tensorsOf(model)) checkTensor(tensor, name, caps);
  return model;
}

/** Reads a model through a byte source: a file, a URL, memory. External data stays where it is. */
export async function readModelFrom(
  source: ByteSource,
  limits: Partial<OnnxLimits> = {},
): Promise<ModelProto> {
  checkSize(source.byteLength, source.name, { ...defaultLimits, ...limits });
  return parseModel(await source.slice(0, source.byteLength), source.name, limits);
}

/**
 * Reads a `.onnx` file. External data stays where it is; see `openModelData`.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_FILE, LIMIT_EXCEEDED
 */
export async function readModel(path: string, limits: Partial<OnnxLimits> = {}): Promise<ModelProto> {
  const source = await openFileSource(path);
  try {
    return await readModelFrom(source, limits);
  } finally {
    await source.close();
  }
}

function checkSize(byteLength: number, where: string, { fileBytes }: OnnxLimits): void {
  if (byteLength === 0) throw new PrumergeError("INVALID_FILE", "the file is empty", { where });
  if (byteLength > fileBytes) {
    throw new PrumergeError("LIMIT_EXCEEDED", "the ONNX model is too large to decode", {
      where,
      expected: `at most ${fileBytes} bytes`,
      found: `${byteLength} bytes`,
      help: "Keep its weights in external data.",
    });
  }
}
