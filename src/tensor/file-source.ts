import { type FileHandle, open, stat } from "node:fs/promises";
import { PrumergeError } from "../errors.js";
import type { ByteSource } from "./byte-source.js";

/** A file as a {@link ByteSource}, read by position, so that several readers may share it. Close it after use. */
export interface FileSource extends ByteSource {
  /** Fills `into` with the bytes from `start` on. @throws PrumergeError `INVALID_FILE` where the file ends before. */
  read(start: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file for reading by ranges.
 *
 * @throws PrumergeError `NOT_FOUND` where it is missing, not a file or may not be read.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  try {
    // Asked before opening: opening a pipe would wait for a writer.
    const status = await stat(path);
    if (!status.isFile()) throw new Error("not a regular file");
    return new OpenFile(path, status.size, await open(path, "r"));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new PrumergeError("NOT_FOUND", "cannot be read", { where: path, found, cause });
  }
}

// A single read of more than 2^31 - 1 bytes fails on Node.
const largestRead = 2 ** 30;

class OpenFile implements FileSource {
  constructor(
    readonly name: string,
    readonly byteLength: number,
    private readonly handle: FileHandle,
  ) {}

  async slice(start: number, end: number): Promise<Uint8Array> {
    this.#check(end);
    const bytes = new Uint8Array(end - start);
    await this.read(start, bytes);
    return bytes;
  }

  async read(start: number, into: Uint8Array): Promise<void> {
    this.#check(start + into.length);
    let done = 0;
    while (done < into.length) {
      const length = Math.min(largestRead, into.length - done);
      const { bytesRead } = await this.handle.read(into, done, length, start + done);
      if (bytesRead === 0) throw truncated(this.name, start + into.length, start + done);
      done += bytesRead;
    }
  }

  #check(end: number): void {
    if (end > this.byteLength) throw truncated(this.name, end, this.byteLength);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function truncated(where: string, needed: number, length: number): PrumergeError {
  return new PrumergeError("INVALID_FILE", "the file is truncated", {
    where,
    expected: `at least ${needed} bytes`,
    found: `${length} bytes`,
    help: "Download or copy it again.",
  });
}
