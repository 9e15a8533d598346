import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PrumergeError } from "../errors.js";
import { isDiskFull, writeError } from "../write-error.js";
import { checkAborted, PassingFailure, withAttempts } from "./attempts.js";
import type { ModelCache } from "./cache.js";
import { endpointUrl, type HubConnection } from "./connection.js";
import type { HubFile } from "./listing.js";
import { withLock } from "./lock.js";
import { body, type HubResponse, request } from "./request.js";
import { Watchdog } from "./watchdog.js";

/**
 * Brings one file's content into the cache's blobs folder: continues a partial download, checks size and hash, and
 * renames it into place only when both are right. Two processes never write to the same partial file.
 *
 * @param onBytes bytes of this file that are here so far; goes back to 0 where a download starts over
 * @throws PrumergeError `NETWORK`, `NOT_FOUND`, `DISK_FULL`, `ABORTED`.
 */
export async function downloadBlob(
  connection: HubConnection,
  cache: ModelCache,
  commit: string,
  file: HubFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const blob = cache.blob(file.digest);
  const isThere = async () => (await stat(blob).catch(() => undefined))?.size === file.size;
  if (await isThere()) return;
  await mkdir(dirname(blob), { recursive: true });
  await withLock(cache.lock(file.digest), connection.signal, async () => {
    if (await isThere()) return;
    const url = endpointUrl(connection, ...cache.name.split("/"), "resolve", commit, ...file.path.split("/"));
    const path = cache.partial(file.digest);
    const handle = await open(path, "a");
    try {
      await new Partial(connection, url, file, path, handle, onBytes).complete();
      await handle.datasync();
    } catch (error) {
      if ((await handle.stat()).size === 0) await rm(path, { force: true });
      throw diskError(error, path);
    } finally {
      await handle.close();
    }
    await rename(path, blob);
  });
}

/** A partial file on its way to completeness; `#length` bytes are on disk and in `#hash`. */
class Partial {
  #length = 0;
  #hash: Hash;
  #kept = 0;
  #furthest = 0;

  constructor(
    readonly connection: HubConnection,
    readonly url: URL,
    readonly file: HubFile,
    readonly path: string,
    readonly handle: FileHandle,
    readonly onBytes: (bytes: number) => void,
  ) {
    this.#hash = startHash(file);
  }

  async complete(): Promise<void> {
    await this.#readKept();
    const { connection, file } = this;
    while (true) {
      await withAttempts(connection, file.path, async (progress) => {
        if (this.#length < file.size) await this.#continue(progress);
      });
      const found = this.#hash.digest("hex");
      if (found === file.digest.hex) return;
      const continued = this.#kept > 0;
      await this.#restart();
      // Old bytes may have been damaged on disk; fresh ones came from the server like this.
      if (!continued) throw tampered(this.url, file, found);
    }
  }

  async #readKept(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size === 0) return;
    for await (const part of createReadStream(this.path, { end: size - 1 })) {
      checkAborted(this.connection.signal);
      this.#hash.update(part);
      this.#length += part.length;
    }
    this.#kept = this.#length;
    this.onBytes(this.#length);
  }

  async #continue(progress: () => void): Promise<void> {
    const { connection, file } = this;
    const watchdog = new Watchdog(connection.signal, connection.patience.silence);
    try {
      const range = this.#length > 0 ? { range: `bytes=${this.#length}-` } : {};
      const answer = await request(connection, this.url, watchdog, range);
      await this.#prepare(answer);
      for await (const part of body(answer.response, watchdog)) {
        if (this.#length + part.byteLength > file.size) throw wrongSize(this.url, file, "more");
        await this.handle.appendFile(part);
        this.#hash.update(part);
        this.#length += part.byteLength;
        this.onBytes(this.#length);
        // A server that can not continue and always stops at the same place makes no progress.
        if (this.#length > this.#furthest) progress();
        this.#furthest = Math.max(this.#furthest, this.#length);
      }
    } finally {
      watchdog.dispose();
    }
    if (this.#length < file.size) {
      throw new PassingFailure(`the connection ended after ${this.#length} of ${file.size} bytes`);
    }
  }

  /** Checks that the answer is about this file at this commit and starts where we stopped. */
  async #prepare({ response, hubHeader }: HubResponse): Promise<void> {
    const { file } = this;
    const tag = (hubHeader("x-linked-etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
    if (tag !== "" && tag !== file.digest.hex) throw tampered(this.url, file, tag);
    const linked = hubHeader("x-linked-size");
    if (linked !== undefined && Number(linked) !== file.size) throw wrongSize(this.url, file, linked);
    if (response.status === 416) {
      await this.#restart();
      throw new PassingFailure("the server refused to continue a download");
    }
    if (response.status === 206) {
      const [, start, total] =
        /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "") ?? [];
      if (total !== undefined && total !== "*" && Number(total) !== file.size) {
        throw wrongSize(this.url, file, total);
      }
      if (Number(start) === this.#length) return;
    }
    if (this.#length > 0) await this.#restart();
    if (response.status === 206) throw new PassingFailure("the server sent another range than asked for");
    const length = response.headers.get("content-length");
    if (length !== null && Number(length) !== file.size) throw wrongSize(this.url, file, length);
  }

  async #restart(): Promise<void> {
    await this.handle.truncate(0);
    this.#length = 0;
    this.#kept = 0;
    this.#hash = startHash(this.file);
    this.onBytes(0);
  }
}

function startHash({ digest, size }: HubFile): Hash {
  return digest.kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

function tampered(url: URL, file: HubFile, found: string): PrumergeError {
  return new PrumergeError("NETWORK", "the file is not the one that the hub lists", {
    where: url.href,
    expected: `${file.digest.kind} ${file.digest.hex}`,
    found,
    help: "Nothing of it was kept. Try again; if it stays like this, the mirror or a proxy changes files",
  });
}

function wrongSize(url: URL, file: HubFile, found: string): PrumergeError {
  return new PrumergeError("NETWORK", "the file's size is not the one that the hub lists", {
    where: url.href,
    expected: `${file.size} bytes`,
    found,
  });
}

function diskError(error: unknown, path: string): unknown {
  if (!isDiskFull(error)) return error;
  return writeError(error, path, {
    summary: "",
    room: "What has come so far is kept; make room and try again. HF_HUB_CACHE or HF_HOME name another place",
  });
}
