import { PrumergeError } from "../errors.js";

/** A picture file: its path, `file:` URL, bytes or Blob. */
export type EncodedSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Bytes of a picture file, and what to call it in messages. */
export interface PictureBytes {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/**
 * Reads a picture file whole, never more than `maxBytes` of it.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_IMAGE (a folder, an empty or unreadable file), LIMIT_EXCEEDED, INVALID_OPTION
 * (neither of the sources), ABORTED
 */
export async function readSource(
  source: EncodedSource,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<PictureBytes> {
  const read = await readAny(source, maxBytes, signal);
  if (read.bytes.length === 0) {
    throw new PrumergeError("INVALID_IMAGE", "an empty file is no picture", {
      where: read.where,
      found: "0 bytes",
    });
  }
  return read;
}

async function readAny(source: EncodedSource, maxBytes: number, signal?: AbortSignal): Promise<PictureBytes> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    checkLength(source.byteLength, maxBytes, "picture");
    const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    return { bytes, where: "picture" };
  }
  if (typeof Blob !== "undefined" && source instanceof Blob) {
    const name = (source as { name?: unknown }).name;
    const where = typeof name === "string" ? name : "picture";
    checkLength(source.size, maxBytes, where);
    return { bytes: new Uint8Array(await source.arrayBuffer()), where };
  }
  if (typeof source === "string" || source instanceof URL) return readPath(source, maxBytes, signal);
  throw new PrumergeError("INVALID_OPTION", "not a picture", {
    expected: "a path, file URL, Uint8Array, ArrayBuffer, Blob or { width, height, data }",
    found: source === null ? "null" : typeof source,
  });
}

async function readPath(source: string | URL, maxBytes: number, signal?: AbortSignal): Promise<PictureBytes> {
  const { open } = await import("node:fs/promises");
  const path = await localPath(source);
  const file = await open(path, "r").catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  try {
    const info = await file.stat();
    if (info.isDirectory()) {
      throw new PrumergeError("INVALID_IMAGE", "a folder is no picture", {
        where: path,
        expected: "a picture file",
      });
    }
    // Pipes and devices have no size beforehand; the stream below is cut off one byte past the limit.
    if (info.isFile()) checkLength(info.size, maxBytes, path);
    const chunks: Uint8Array[] = [];
    let length = 0;
    signal?.throwIfAborted(); // a stream that is born aborted fails where nobody listens
    const stream = file.createReadStream({ end: maxBytes, autoClose: false, ...(signal && { signal }) });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
    }
    checkLength(length, maxBytes, path, "more");
    return { bytes: Buffer.concat(chunks, length), where: path };
  } catch (cause) {
    if (PrumergeError.isInstance(cause)) throw cause;
    if (signal?.aborted)
      throw new PrumergeError("ABORTED", "reading a picture was aborted", { where: path, cause });
    throw unreadable(path, cause);
  } finally {
    await file.close();
  }
}

async function localPath(source: string | URL): Promise<string> {
  const { fileURLToPath } = await import("node:url");
  const text = String(source);
  if (/^file:/i.test(text)) {
    try {
      return fileURLToPath(text);
    } catch (cause) {
      throw new PrumergeError("INVALID_OPTION", "not the URL of a local file", {
        found: text.slice(0, 200),
        cause,
      });
    }
  }
  if (source instanceof URL || /^(https?|data|blob):/i.test(text)) {
    throw new PrumergeError("INVALID_OPTION", "pictures are not fetched from addresses", {
      expected: "a path or file URL",
      found: text.slice(0, 80),
      help: "Download it first and hand in the file or its bytes",
    });
  }
  if (text === "" || text.includes("\0")) {
    throw new PrumergeError("INVALID_OPTION", "not a path of a picture", {
      found: JSON.stringify(text.slice(0, 200)),
    });
  }
  return text;
}

function checkLength(length: number, maxBytes: number, where: string, found = `${length} bytes`): void {
  if (length <= maxBytes) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "a picture file is too large", {
    where,
    expected: `at most ${maxBytes} bytes`,
    found,
  });
}

function unreadable(path: string, cause: unknown): PrumergeError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new PrumergeError("NOT_FOUND", "no such picture", { where: path, cause });
  }
  return new PrumergeError("INVALID_IMAGE", "a picture cannot be read", {
    where: path,
    found: code ?? String(cause),
    cause,
  });
}
