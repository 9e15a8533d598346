import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import { beyond } from "./limits.js";

/** Bytes in pieces, as they come. */
export type ByteStream = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

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
      for await (const part of stream) {
        if (signal?.aborted)
          throw new PrumergeError("ABORTED", "reading a video was aborted", { cause: signal.reason });
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
