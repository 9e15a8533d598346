import { type FileHandle, open } from "node:fs/promises";
import { writeError } from "../../write-error.js";
import { type JournalRecord, recordFormat } from "../run/run-folder.js";
import { readJournal } from "./read-journal.js";

/** What a journal remembers of a record; the rest stays on disk. */
export type Remembered =
  | { readonly kind: "answer"; readonly text: string; readonly visualTokens: number }
  | { readonly kind: "failure"; readonly code: string };

/** What was wrong with the end of a journal, and mended. */
export interface Repair {
  /** Line, from 1. */
  readonly line: number;
  /** Bytes that were cut off; 0 where only the line break was missing. */
  readonly bytes: number;
}

/** Milliseconds after which what was written is also forced onto the disk. */
const syncAfter = 1000;

/**
 * The record of a run, append-only: a line is written whole before the next one, so that a process that ends at any
 * byte leaves at most its last line unfinished, which the next one cuts off. One process writes at a time.
 */
export class Journal {
  readonly #handle: FileHandle;
  readonly #records = new Map<string, Remembered>();
  #last: Promise<unknown> = Promise.resolve();
  #broken: unknown;
  #synced = performance.now();
  #unsynced = false;
  /** Set where the end of the file had to be mended. */
  repair: Repair | undefined;

  private constructor(
    handle: FileHandle,
    readonly path: string,
  ) {
    this.#handle = handle;
  }

  /**
   * Opens a journal, or begins one; its folder has to be there.
   *
   * @throws PrumergeError INVALID_FILE with the line for a file that is none; NOT_FOUND or DISK_FULL where it cannot be
   * written
   */
  static async open(path: string): Promise<Journal> {
    const handle = await open(path, "a").catch((cause: unknown) => refuseWriting(path, cause));
    const journal = new Journal(handle, path);
    try {
      await journal.#read();
      return journal;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Records by key: the answer where there is one, else the failure. */
  get records(): ReadonlyMap<string, Remembered> {
    return this.#records;
  }

  /**
   * Adds a record, unless its question is answered already, or failed already and failed again.
   *
   * @returns whether it was added
   * @throws PrumergeError DISK_FULL, NOT_FOUND
   */
  append(record: JournalRecord): Promise<boolean> {
    const known = this.#records.get(record.key);
    if (known?.kind === "answer" || known?.kind === record.kind) return Promise.resolve(false);
    this.#remember(record);
    const written = this.#last.then(() => this.#write(record));
    this.#last = written.catch(() => undefined);
    return written.then(() => true);
  }

  /** Waits for what is being written, and closes the file. */
  async close(): Promise<void> {
    await this.#last;
    if (this.#unsynced) await this.#handle.datasync();
    await this.#handle.close();
  }

  async #read(): Promise<void> {
    let [line, length] = [0, 0];
    for await (const { record, start, end, state } of readJournal(this.path)) {
      line++;
      length = state === "torn" ? start : end;
      if (state !== "whole") this.repair = { line, bytes: end - length };
      if (record !== undefined) this.#remember(record);
    }
    if (this.repair !== undefined) await this.#mend(this.repair, length);
    if (length === 0) await this.#write({ journal: "prumerge", format: recordFormat });
  }

  async #mend({ bytes }: Repair, length: number): Promise<void> {
    if (bytes > 0) await this.#handle.truncate(length);
    else await this.#handle.appendFile("\n");
  }

  #remember(record: JournalRecord): void {
    const { key } = record;
    if (record.kind === "failure") this.#records.set(key, { kind: "failure", code: record.code });
    else this.#records.set(key, { kind: "answer", text: record.text, visualTokens: record.visualTokens });
  }

  async #write(line: unknown): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken; // what follows half a line would be lost with it
    try {
      await this.#handle.appendFile(`${JSON.stringify(line)}\n`);
      this.#unsynced = true;
      if (performance.now() - this.#synced < syncAfter) return;
      await this.#handle.datasync();
      this.#synced = performance.now();
      this.#unsynced = false;
    } catch (cause) {
      this.#broken = cause;
      refuseWriting(this.path, cause);
    }
  }
}

function refuseWriting(where: string, cause: unknown): never {
  throw writeError(cause, where, {
    summary: "the journal cannot be written",
    room: "What is answered so far is kept: make room and run it again",
  });
}
