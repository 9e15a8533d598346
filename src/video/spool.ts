import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import { orAborted } from "../or-aborted.js";
import { beyond } from "./limits.js";

/** Bytes in pieces, as they come: also a stream of Node or of the web. */
export type ByteStream = Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** A file of its own that holds what came. */
export interface Spooled {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Writes a stream to a file in a folder that nobody else may read: an index at a video's end cannot be read from a stream.
 *
 * @param maxBytes nothing is taken beyond them
 * @throws PrumergeError LIMIT_EXCEEDED, ABORTED, DISK_FULL; what the stream throws. No file is left then
 */
export async function spool(
  stream: ByteStream,
  maxBytes: number,
  { where, signal }: { readonly where: string; readonly signal?: AbortSignal },
): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), "prumerge-video-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, "video");
  try {
    const file = await open(path, "wx", 0o600);
    try {
      let length = 0;
      for await (const part of pieces(stream, signal)) {
        if (!(part instanceof Uint8Array)) throw noBytes(part, where);
        length += part.length;
        if (length > maxBytes)
          throw beyond("a video is too large", where, `at most ${maxBytes} bytes`, "more");
        await file.writeFile(part);
      }
    } finally {
      await file.close();
    }
    return { path, remove };
  } catch (cause) {
    await remove();
    if ((cause as { code?: unknown }).code !== "ENOSPC") throw cause;
    throw new PrumergeError("DISK_FULL", "no room for a video", { where: folder, cause });
  }
}

/** What comes of a stream, which is left at once on the signal, also while nothing comes, and at the end of a loop. */
async function* pieces(stream: ByteStream, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { next, leave } = opened(stream);
  try {
    for (;;) {
      const step = await (signal === undefined ? next() : orAborted(Promise.resolve(next()), signal));
      if (step.done) return;
      yield step.value!;
    }
  } catch (cause) {
    if (signal?.aborted) throw new PrumergeError("ABORTED", "reading a video was aborted", { cause });
    throw cause;
  } finally {
    leave();
  }
}

interface OpenedStream {
  next(): Promise<IteratorResult<Uint8Array, unknown>> | IteratorResult<Uint8Array, unknown>;
  /** Lets it go; what comes of that is nobody's. */
  leave(): void;
}

function opened(stream: ByteStream): OpenedStream {
  if ("getReader" in stream) {
    const reader = stream.getReader();
    const next = async () => (await reader.read()) as IteratorResult<Uint8Array, unknown>;
    return { next, leave: () => void reader.cancel().catch(() => undefined) };
  }
  if (Symbol.asyncIterator in stream) {
    const iterator = stream[Symbol.asyncIterator]();
    const { destroy } = stream as { destroy?: () => void };
    const leave = () => {
      // One that waits for its next piece ends by nothing else.
      if (typeof destroy === "function") destroy.call(stream);
      else void iterator.return?.()?.catch(() => undefined);
    };
    return { next: () => iterator.next(), leave };
  }
  const iterator = stream[Symbol.iterator]();
  return { next: () => iterator.next(), leave: () => void iterator.return?.() };
}

function noBytes(part: unknown, where: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "a stream that gives no bytes", {
    where,
    expected: "Uint8Array pieces",
    found: typeof part,
    help: "Open it without an encoding.",
  });
}
