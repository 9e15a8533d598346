import { type FileHandle, open } from "node:fs/promises";
import { PrumergeError } from "../../errors.js";
import { fileLimits } from "./limits.js";

const chunkBytes = 2 ** 20;

/**
 * A file's bytes in order, without a byte order mark. Each chunk is overwritten by the next one.
 *
 * @param limit bytes of the whole file, checked before reading
 * @throws PrumergeError NOT_FOUND, INVALID_FILE for a folder, LIMIT_EXCEEDED
 */
export async function* readChunks(path: string, limit: number = fileLimits.streamed): AsyncGenerator<Buffer> {
  const file = await openFile(path);
  try {
    const info = await file.stat();
    if (!info.isFile()) {
      throw new PrumergeError("INVALID_FILE", "not a file", {
        where: path,
        expected: "a file",
        found: info.isDirectory() ? "a folder" : "a device or pipe",
      });
    }
    if (info.size > limit) {
      throw new PrumergeError("LIMIT_EXCEEDED", "the file is too large", {
        where: path,
        expected: `at most ${limit} bytes`,
        found: String(info.size),
      });
    }
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
      if (bytesRead === 0) return;
      const marked = position === 0 && buffer.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
      yield buffer.subarray(marked ? 3 : 0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === "ENOENT" || code === "ENOTDIR" ? "nothing there" : message;
    throw new PrumergeError("NOT_FOUND", "the file cannot be opened", { where: path, found, cause });
  }
}
