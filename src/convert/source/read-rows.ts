import { PrumergeError } from "../../errors.js";
import { type FileSource, openFileSource } from "../../tensor/file-source.js";
import { decodeBfloat16, decodeFloat16 } from "../../tensor/half.js";
import { addLowRank, columnsOf, type LowRankFactor, lowRankFactor, turnedFactor } from "./add-low-rank.js";
import { type StoredTensor, tensorRows } from "./tensor-source.js";

/**
 * Reads stored tensors as float32, row range by row range, with low-rank updates and appended rows applied. Keeps the
 * files open until closed. One reader per thread.
 */
export class TensorReader {
  readonly #files = new Map<string, Promise<FileSource>>();
  // The same update is applied to every block of rows of one weight, and needs one of its factors whole each time.
  #last:
    | { readonly of: StoredTensor; readonly right: LowRankFactor; readonly left?: Float32Array }
    | undefined;

  /**
   * Rows `start` (inclusive) to `end` (exclusive) as float32, row-major.
   *
   * @throws PrumergeError `INVALID_OPTION` for rows that are not there, `INVALID_FILE` where the file ends too early.
   */
  async readRows(tensor: StoredTensor, start: number, end: number): Promise<Float32Array> {
    const { rows, columns } = tensorRows(tensor);
    if (!(start >= 0 && start <= end && end <= rows)) {
      throw new PrumergeError("INVALID_OPTION", "rows out of range", {
        expected: `within 0 to ${rows}`,
        found: `${start} to ${end}`,
      });
    }
    const out = new Float32Array((end - start) * columns);
    const stored = rows - (tensor.extraRows?.length ?? 0);
    const storedEnd = Math.min(end, stored);
    if (start < storedEnd) {
      const part = out.subarray(0, (storedEnd - start) * columns);
      await this.#readStored(tensor, start * columns, part);
      if (tensor.lora !== undefined) await this.#addUpdate(tensor.lora, start, storedEnd, part);
    }
    for (let row = Math.max(start, stored); row < end; row++) {
      out.set(tensor.extraRows![row - stored]!, (row - start) * columns);
    }
    return out;
  }

  /** The whole tensor as float32. */
  readTensor(tensor: StoredTensor): Promise<Float32Array> {
    return this.readRows(tensor, 0, tensorRows(tensor).rows);
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) await (await file).close();
  }

  async #readStored(tensor: StoredTensor, from: number, out: Float32Array): Promise<void> {
    const file = await this.#open(tensor.path);
    if (tensor.type === "float32") {
      await file.read(tensor.offset + from * 4, new Uint8Array(out.buffer, out.byteOffset, out.byteLength));
      return;
    }
    // Half floats are read into the second half of the output and widened in place.
    const half = out.length * 2;
    const bytes = new Uint8Array(out.buffer, out.byteOffset + half, half);
    await file.read(tensor.offset + from * 2, bytes);
    const bits = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    if (tensor.type === "float16") decodeFloat16(bits, out);
    else decodeBfloat16(bits, out);
  }

  async #addUpdate(
    { a, b, scale, turned = false }: NonNullable<StoredTensor["lora"]>,
    start: number,
    end: number,
    rows: Float32Array,
  ): Promise<void> {
    const rank = a.shape[0]!;
    // By place, since a tensor that was sent to a worker is a new object each time.
    if (this.#last?.of.offset !== a.offset || this.#last.of.path !== a.path) {
      const values = await this.readTensor(a);
      this.#last = turned
        ? { of: a, right: turnedFactor(await this.readTensor(b), rank), left: values }
        : { of: a, right: lowRankFactor(values, rank) };
    }
    const { left, right } = this.#last;
    const factor =
      left === undefined ? await this.readRows(b, start, end) : columnsOf(left, rank, start, end);
    addLowRank(rows, factor, right, scale);
  }

  #open(path: string): Promise<FileSource> {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = openFileSource(path);
      this.#files.set(path, file);
      file.catch(() => this.#files.delete(path));
    }
    return file;
  }
}

/** Rows of one tensor; for many reads use a {@link TensorReader}, which keeps files open. */
export async function readRows(tensor: StoredTensor, start: number, end: number): Promise<Float32Array> {
  const reader = new TensorReader();
  try {
    return await reader.readRows(tensor, start, end);
  } finally {
    await reader.close();
  }
}

/** One whole tensor as float32, row-major. */
export function readTensor(tensor: StoredTensor): Promise<Float32Array> {
  return readRows(tensor, 0, tensorRows(tensor).rows);
}
