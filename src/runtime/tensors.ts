import { PrumergeError } from "../errors.js";
import { firstNonFinite } from "../tensor/finite.js";
import { decodeFloat16, halfBits } from "../tensor/half.js";
import type { Matrix } from "../tensor/matrix.js";
import type { CacheArray } from "./large-arrays.js";
import type { OrtTensor, Port, Tensors } from "./session.js";

/** An input or output that a graph must have. */
export function portOf(ports: readonly Port[], name: string, where: string): Port {
  const port = ports.find((candidate) => candidate.name === name);
  if (port !== undefined) return port;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a graph lacks an input or output that the runtime needs", {
    expected: name,
    found: ports.map((candidate) => candidate.name).join(", "),
    where,
  });
}

/** Whether a graph declares an input or output, where exporters and versions differ in that. */
export function hasPort(ports: readonly Port[], name: string): boolean {
  return ports.some((candidate) => candidate.name === name);
}

export function floatData(tensor: OrtTensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.type === "float16") return decodeFloat16(halfBits(tensor.data as ArrayBufferView));
  throw new PrumergeError("UNSUPPORTED_MODEL", "a graph's output has a type that is not read", {
    expected: "float32 or float16",
    found: tensor.type,
  });
}

/** What a run returns for a cache, in the type that the cache has. */
export function cacheData(tensor: OrtTensor, type: "float32" | "int8"): CacheArray {
  if (type === "int8" && tensor.data instanceof Int8Array) return tensor.data;
  return floatData(tensor);
}

export function cacheTensor(tensors: Tensors, array: CacheArray, dims: readonly number[]): OrtTensor {
  return array instanceof Int8Array ? tensors.int8(array, dims) : tensors.float32(array, dims);
}

export function intData(tensor: OrtTensor): Int32Array {
  return Int32Array.from(tensor.data as BigInt64Array, Number);
}

/** The last two axes of an output as a matrix, the others being 1, once all of it is known to be finite. */
export function finiteMatrix(tensor: OrtTensor, where: string, name: string): Matrix {
  const data = floatData(tensor);
  const at = firstNonFinite(data);
  if (at >= 0) {
    throw new PrumergeError("RUNTIME", `${name} came out with values that are not numbers`, {
      found: `${data[at]} at ${at}`,
      where,
      help: "The model's weights may be damaged, or too large for the type they are stored in",
    });
  }
  const [rows, columns] = tensor.dims.slice(-2) as [number, number];
  return { rows, columns, data };
}

/** A size that a graph must declare as a number. */
export function sizeAt(port: Port, axis: number, where: string): number {
  const size = port.shape[axis];
  if (typeof size === "number") return size;
  throw new PrumergeError("UNSUPPORTED_MODEL", `${port.name} leaves a size open that the runtime needs`, {
    expected: `a number at axis ${axis}`,
    found: `[${port.shape.join(", ")}]`,
    where,
  });
}
