import { PrumergeError } from "../errors.js";
import type { EncoderInput, TowerFeed } from "../graphs/tower-feed.js";
import { firstNonFinite } from "../tensor/finite.js";
import { encodeFloat16 } from "../tensor/half.js";
import type { OrtTensor, Port, Session, Tensors } from "./session.js";

/**
 * What an encoder of another program takes of a view, by the names and in the types that it declares.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for a graph that lacks an input, takes one more, or takes one in another type or shape;
 * INVALID_TENSOR for NaN or Inf
 */
export function encoderFeeds(
  { inputs, path }: Session,
  given: readonly EncoderInput[],
  tensors: Tensors,
): Readonly<Record<string, OrtTensor>> {
  const feeds: Record<string, OrtTensor> = {};
  for (const { names, feed, spare = false } of given) {
    const port = inputs.find(({ name }) => names.includes(name));
    if (port !== undefined) feeds[port.name] = tensorFor(port, feed, tensors, path);
    else if (!spare) throw otherSignature(path, `input ${names.join(" or ")}`, namesOf(inputs));
  }
  const more = inputs.filter(({ name }) => !(name in feeds));
  if (more.length > 0)
    throw otherSignature(path, given.map(({ names }) => names.join(" or ")).join(", "), namesOf(inputs));
  return feeds;
}

function tensorFor(port: Port, { type, dims, data }: TowerFeed, tensors: Tensors, path: string): OrtTensor {
  const fits =
    port.shape.length === dims.length &&
    port.shape.every((size, axis) => typeof size === "string" || size === dims[axis]);
  const words = `${port.name}: ${type} [${dims.join(", ")}]`;
  const declared = `${port.type} [${port.shape.join(", ")}]`;
  if (!fits) throw otherSignature(path, words, declared);
  if (type === "float32") {
    const at = firstNonFinite(data);
    if (at >= 0) {
      throw new PrumergeError("INVALID_TENSOR", "a pixel value is not a number", {
        expected: "finite numbers",
        found: `${data[at]} at ${at}`,
        where: port.name,
      });
    }
    if (port.type === "float32") return tensors.float32(data, dims);
    if (port.type === "float16") return tensors.float16(encodeFloat16(data), dims);
  } else {
    if (port.type === "bool")
      return tensors.bool(
        Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)),
        dims,
      );
    if (port.type === "int64") return tensors.int64(Int32Array.from(data), dims);
    if (port.type === "int32") return tensors.int32(Int32Array.from(data), dims);
  }
  throw otherSignature(path, words, declared);
}

function namesOf(ports: readonly Port[]): string {
  return ports.map(({ name }) => name).join(", ");
}

function otherSignature(where: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a vision encoder of an unknown form", {
    where,
    expected,
    found,
    help: "Convert the checkpoint that it was made of: prumerge convert CHECKPOINT FOLDER",
  });
}
