import { access, readFile, stat } from "node:fs/promises";
import { PrumergeError } from "../../errors.js";

/** JSON objects are handed on as their files hold them. */
export type Json = Readonly<Record<string, unknown>>;

/** Generous: the largest tokenizer.json of a supported model has about 20 MB. */
const jsonLimit = 256 * 2 ** 20;

export async function fileExists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * A whole file of reasonable size.
 *
 * @param limit bytes
 * @throws PrumergeError `NOT_FOUND` or `LIMIT_EXCEEDED`.
 */
export async function readWholeFile(path: string, limit: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > limit) {
      throw new PrumergeError("LIMIT_EXCEEDED", "the file is absurdly large", {
        where: path,
        expected: `at most ${limit} bytes`,
        found: `${size} bytes`,
      });
    }
    return await readFile(path);
  } catch (cause) {
    if (PrumergeError.isInstance(cause)) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new PrumergeError("NOT_FOUND", "cannot be read", { where: path, found, cause });
  }
}

/** A text file of reasonable size. @throws PrumergeError as {@link readWholeFile}, and `INVALID_FILE` where it is not UTF-8. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readWholeFile(path, jsonLimit);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "the file is not UTF-8 text", { where: path, cause });
  }
}

/** A JSON object. @throws PrumergeError as {@link readTextFile}, and `INVALID_FILE` for anything but an object. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const text = await readTextFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new PrumergeError("INVALID_FILE", "the file is not JSON", { where: path, found, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new PrumergeError("INVALID_FILE", "the file is not a JSON object", { where: path });
}

/** The same where the file may be missing. */
export async function readOptionalJson(path: string): Promise<Record<string, unknown> | undefined> {
  return (await fileExists(path)) ? readJsonObject(path) : undefined;
}
