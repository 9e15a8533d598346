import { PrumergeError } from "../errors.js";
import type { ByteSource } from "../tensor/byte-source.js";
import { openFileSource } from "../tensor/file-source.js";
import { externalDataOf, resolveExternalFile } from "./external-data.js";
import type { TensorProto } from "./schema/onnx_pb.js";
import { embeddedBytes, tensorByteLength } from "./tensor-data.js";

/** A byte source that may hold something open. */
/** Bytes that are read by range, and closed where they have to be. */
export type Closeable = ByteSource & { close?(): Promise<void> };

/** The tensors of one model, inside it or in its external files, read when asked for. Close it after use. */
export class ModelData {
  readonly #open: (location: string) => Promise<Closeable>;
  readonly #sources = new Map<string, Promise<Closeable>>();

  /**
   * @param name of the model, for error messages
   * @param open opens an external file by its location as the model names it
   */
  constructor(
    readonly name: string,
    open: (location: string) => Promise<Closeable>,
  ) {
    this.#open = open;
  }

  /**
   * Bytes `[start, end)` of a tensor's elements, by default all of them, little-endian, row-major.
   *
   * @throws PrumergeError INVALID_OPTION where the range leaves the tensor, INVALID_FILE where the file ends before the
   * tensor, UNSAFE_PATH, NOT_FOUND
   */
  async read(tensor: TensorProto, start = 0, end?: number): Promise<Uint8Array> {
    const external = externalDataOf(tensor, this.name);
    const where = `${this.name}: tensor ${JSON.stringify(tensor.name)}`;
    if (external === undefined) {
      const bytes = embeddedBytes(tensor, this.name);
      return bytes.subarray(start, checkRange(start, end, bytes.byteLength, where));
    }
    const byteLength = external.byteLength ?? tensorByteLength(tensor, this.name);
    if (byteLength === undefined) {
      throw new PrumergeError("INVALID_FILE", "external data of unknown length", { where });
    }
    const to = checkRange(start, end, byteLength, where);
    const source = await this.#source(external.location);
    if (external.offset + byteLength > source.byteLength) {
      throw new PrumergeError("INVALID_FILE", "external data reaches beyond its file", {
        where,
        expected: `at least ${external.offset + byteLength} bytes in ${source.name}`,
        found: `${source.byteLength}`,
      });
    }
    return source.slice(external.offset + start, external.offset + to);
  }

  async close(): Promise<void> {
    const sources = await Promise.allSettled(this.#sources.values());
    this.#sources.clear();
    await Promise.all(
      sources.map((opened) => (opened.status === "fulfilled" ? opened.value.close?.() : undefined)),
    );
  }

  #source(location: string): Promise<Closeable> {
    let source = this.#sources.get(location);
    if (source === undefined) {
      source = this.#open(location);
      this.#sources.set(location, source);
    }
    return source;
  }
}

/** The end of a range of bytes, once it is known to lie within the tensor. */
function checkRange(start: number, end: number | undefined, byteLength: number, where: string): number {
  const to = end ?? byteLength;
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(to);
  if (whole && start >= 0 && start <= to && to <= byteLength) return to;
  throw new PrumergeError("INVALID_OPTION", "a range outside of the tensor", {
    where,
    expected: `whole numbers within 0 .. ${byteLength}`,
    found: `${start} .. ${to}`,
  });
}

/** The tensors of a model file, its external data beside it on disk. */
export function openModelData(path: string): ModelData {
  return new ModelData(path, async (location) => openFileSource(await resolveExternalFile(path, location)));
}
