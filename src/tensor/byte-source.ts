/** Bytes that can be read in ranges: a file, a URL or memory. Ranges are half-open, in bytes. */
export interface ByteSource {
  /** Name for error messages: a path or URL. */
  readonly name: string;
  readonly byteLength: number;
  slice(start: number, end: number): Promise<Uint8Array>;
}

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return { name, byteLength: bytes.byteLength, slice: async (start, end) => bytes.subarray(start, end) };
}
