import { closeSync, openSync, writeSync } from "node:fs";
import { PrumergeError } from "../errors.js";
import { TensorReader } from "./source/read-rows.js";
import { transformBand } from "./transform.js";
import type { RowBand } from "./weight-job.js";

/**
 * Carries out bands: reads their rows, transforms them and writes the results to the destination files, which exist
 * already. Reading waits asynchronously, the rest is synchronous: a worker thread has nothing else to do.
 */
export class BandWriter {
  readonly #paths: readonly string[];
  readonly #reader = new TensorReader();
  readonly #files = new Map<number, number>();

  /** @param paths destination files, in the order that {@link RowBand} outputs count them */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  async carryOut(band: RowBand): Promise<void> {
    const values = await this.#reader.readRows(band.job.stored, band.startRow, band.endRow);
    transformBand(band, values, (file, bytes, offset) => this.#write(file, bytes, offset));
  }

  async close(): Promise<void> {
    for (const descriptor of this.#files.values()) closeSync(descriptor);
    this.#files.clear();
    await this.#reader.close();
  }

  #write(file: number, bytes: Uint8Array, offset: number): void {
    let descriptor = this.#files.get(file);
    if (descriptor === undefined) {
      descriptor = openSync(this.#paths[file]!, "r+");
      this.#files.set(file, descriptor);
    }
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      }
    } catch (cause) {
      throw writeError(cause, this.#paths[file]!);
    }
  }
}

/** Says why the system could not write: a full disk, or a place that takes no files. Anything else stays what it was. */
export function writeError(cause: unknown, where: string): unknown {
  const { code, syscall, message } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new PrumergeError("DISK_FULL", "the disk filled up while writing", {
      where,
      help: "Free some space and convert again",
      cause,
    });
  }
  if (syscall === undefined) return cause;
  return new PrumergeError("NOT_FOUND", "the model folder cannot be written here", {
    where,
    found: message.split(",")[0]!, // without temporary names
    help: "Choose another destination",
    cause,
  });
}
