import type { Matrix } from "./matrix.js";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // \x93NUMPY, format version 1.0
const alignment = 64;

/**
 * A matrix as the bytes of a `.npy` file (float32, little-endian, C order), the same that `numpy.save` writes.
 *
 * @example
 * ```ts
 * await writeFile("tokens.npy", encodeNpy(visualTokens));
 * ```
 */
export function encodeNpy({ rows, columns, data }: Matrix): Uint8Array {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const headStart = magic.length + 2;
  const headEnd = Math.ceil((headStart + fields.length + 1) / alignment) * alignment;
  const bytes = new Uint8Array(headEnd + data.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint16(magic.length, headEnd - headStart, true);
  bytes.set(new TextEncoder().encode(`${fields.padEnd(headEnd - headStart - 1)}\n`), headStart);
  for (let i = 0; i < data.length; i++) view.setFloat32(headEnd + i * 4, data[i], true);
  return bytes;
}
