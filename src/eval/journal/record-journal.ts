import { type FileHandle, open } from "node:fs/promises";
import { writeError } from "../../write-error.js";
import { type JournalForm, readLines } from "./read-lines.js";

/** What a record has to tell of itself: `failure`, or what came instead of one. */
interface Keyed {
  readonly key: string;
  readonly kind: string;
}

/** How records of one kind are kept. */
export interface RecordForm<Line extends Keyed, Memory extends { readonly kind: string }>
  extends JournalForm<Line> {
  /** The first line of a new file. */
  readonly opening: unknown;
  /** What is kept of a record in memory; the rest stays on disk. */
  remember(record: Line): Memory;
}

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
export class RecordJournal<Line extends Keyed, Memory extends { readonly kind: string }> {
  readonly #handle: FileHandle;
  readonly #records = new Map<string, Memory>();
  #last: Promise<unknown> = Promise.resolve();
  #broken: unknown;
  #synced = performance.now();
  #unsynced = false;
  /** Set where the end of the file had to be mended. */
  repair: Repair | undefined;

  private constructor(
    handle: FileHandle,
    readonly path: string,
    readonly form: RecordForm<Line, Memory>,
  ) {
    this.#handle = handle;
  }

  /**
   * Opens a journal, or begins one; its folder has to be there.
   *
   * @throws PrumergeError INVALID_FILE with the line for a file that is none; NOT_FOUND or DISK_FULL where it cannot be
   * written
   */
  static async open<Line extends Keyed, Memory extends { readonly kind: string }>(
    path: string,
    form: RecordForm<Line, Memory>,
  ): Promise<RecordJournal<Line, Memory>> {
    const handle = await open(path, "a").catch((cause: unknown) => refuseWriting(path, cause));
    const journal = new RecordJournal(handle, path, form);
    try {
      await journal.#read();
      return journal;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Records by key: what came of it where something did, else the failure. */
  get records(): ReadonlyMap<string, Memory> {
    return this.#records;
  }

  /**
   * Adds a record, unless there is one of its key already, or it failed already and failed again.
   *
   * @returns whether it was added
   * @throws PrumergeError DISK_FULL, NOT_FOUND
   */
  append(record: Line): Promise<boolean> {
    const known = this.#records.get(record.key);
    if (known !== undefined && (known.kind !== "failure" || record.kind === "failure"))
      return Promise.resolve(false);
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
    for await (const { record, start, end, state } of readLines(this.path, this.form)) {
      line++;
      length = state === "torn" ? start : end;
      if (state !== "whole") this.repair = { line, bytes: end - length };
      if (record !== undefined) this.#remember(record);
    }
    if (this.repair !== undefined) await this.#mend(this.repair, length);
    if (length === 0) await this.#write(this.form.opening);
  }

  async #mend({ bytes }: Repair, length: number): Promise<void> {
    if (bytes > 0) await this.#handle.truncate(length);
    else await this.#handle.appendFile("\n");
  }

  #remember(record: Line): void {
    this.#records.set(record.key, this.form.remember(record));
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
    room: "What is done so far is kept: make room and run it again",
  });
}
