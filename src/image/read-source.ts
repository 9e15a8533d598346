import { PrumergeError } from "../errors.js";
import { orAborted } from "../or-aborted.js";

/** A picture file: its path, `file:` URL, bytes or Blob. */
export type EncodedSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Bytes of a picture file, and what to call it in messages. */
export interface PictureBytes {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/**
 * Reads a picture file whole, never more than `maxBytes` of it. A pipe is waited for until its writer closes it or the
 * signal fires.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_IMAGE (a folder, an empty or unreadable file), LIMIT_EXCEEDED, INVALID_OPTION
 * (neither of the sources), ABORTED
 */
export async function readSource(
  source: EncodedSource,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<PictureBytes> {
  const reading = readAny(source, maxBytes, signal);
  const read = await (signal === undefined ? reading : orAborted(reading, signal)).catch((cause: unknown) => {
    if (!signal?.aborted) throw cause;
    throw new PrumergeError("ABORTED", "reading a picture was aborted", { where: nameOf(source), cause });
  });
  if (read.bytes.length === 0) {
    throw new PrumergeError("INVALID_IMAGE", "an empty file is no picture", {
      where: read.where,
      found: "0 bytes",
    });
  }
  return read;
}

async function readAny(source: EncodedSource, maxBytes: number, signal?: AbortSignal): Promise<PictureBytes> {
  const where = nameOf(source);
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    checkLength(source.byteLength, maxBytes, where);
    const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    return { bytes, where };
  }
  if (isBlob(source)) {
    checkLength(source.size, maxBytes, where);
    const buffer = await source.arrayBuffer().catch((cause: unknown) => {
      throw unreadable(where, cause);
    });
    return { bytes: new Uint8Array(buffer), where };
  }
  if (typeof source === "string" || source instanceof URL) {
    const path = await localPath(source);
    const bytes = await readFile(path, maxBytes, signal).catch((cause: unknown) => {
      throw PrumergeError.isInstance(cause) ? cause : unreadable(path, cause);
    });
    return { bytes, where: path };
  }
  throw new PrumergeError("INVALID_OPTION", "not a picture", {
    expected: "a path, file URL, Uint8Array, ArrayBuffer, Blob or { width, height, data }",
    found: source === null ? "null" : typeof source,
  });
}

function isBlob(source: EncodedSource): source is Blob {
  return typeof Blob !== "undefined" && source instanceof Blob;
}

function nameOf(source: EncodedSource): string {
  if (typeof source === "string" || source instanceof URL) return String(source);
  const name = isBlob(source) ? (source as { name?: unknown }).name : undefined;
  return typeof name === "string" ? name : "picture";
}

/** Opened non-blocking: a thread that waits for a pipe's writer would keep the process from ending. */
async function readFile(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const { close, constants, createReadStream, fstat, open } = await import("node:fs");
  const { Socket } = await import("node:net");
  const { promisify } = await import("node:util");
  const fd = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const startStream = async (): Promise<AsyncIterable<Buffer>> => {
    const info = await promisify(fstat)(fd);
    if (info.isDirectory()) {
      throw new PrumergeError("INVALID_IMAGE", "a folder is no picture", {
        where: path,
        expected: "a picture file",
      });
    }
    // Pipes and devices have no size beforehand; the stream is cut off one byte past the limit.
    if (info.isFile()) checkLength(info.size, maxBytes, path);
    signal?.throwIfAborted(); // a stream that is born aborted fails where nobody listens
    const until = signal && { signal };
    // A socket is told when a pipe has something, also where no writer has come yet.
    return info.isFIFO()
      ? new Socket({ fd, readable: true, writable: false, ...until })
      : createReadStream("", { fd, end: maxBytes, ...until });
  };
  const stream = await startStream().catch((error: unknown) => {
    close(fd);
    throw error;
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  checkLength(length, maxBytes, path, "more");
  return Buffer.concat(chunks, length);
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
  const { code } = cause as { code?: unknown };
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new PrumergeError("NOT_FOUND", "no such picture", { where: path, cause });
  }
  return new PrumergeError("INVALID_IMAGE", "a picture cannot be read", {
    where: path,
    found: typeof code === "string" ? code : String(cause),
    cause,
  });
}
