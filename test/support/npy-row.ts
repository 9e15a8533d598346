/** The numbers of a base64 .npy file of float32. */
export function readNpyRow(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer);
}
