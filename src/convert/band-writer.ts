import { closeSync, openSync, writeSync } from "node:fs";
import { writeError } from "../write-error.js";
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
      throw folderError(cause, this.#paths[file]!);
    }
  }
}

/** Says why the system could not write a file of the model folder. */
export function folderError(cause: unknown, where: string): unknown {
  return writeError(cause, where, {
    summary: "the model folder cannot be written here",
    help: "Choose another destination",
    room: "Free some space and convert again",
  });
}
