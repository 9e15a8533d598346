import { readFile } from "node:fs/promises";
import { PrumergeError } from "../errors.js";

/** What {@link isStrongKey} holds for. */
export const strongKey = "16 to 512 printable ASCII characters without spaces";

/** Whether it may be a key of this server. */
export const isStrongKey = (key: string) => /^[\x21-\x7e]{16,512}$/.test(key);

/**
 * API keys of this server out of a file, one per line; blank lines and those that begin with # are passed over.
 *
 * @throws PrumergeError NOT_FOUND, or INVALID_FILE, which names the line and never the key
 */
export async function readKeys(path: string): Promise<string[]> {
  const lines = await readLines(path);
  for (const { key, number } of lines) {
    if (isStrongKey(key)) continue;
    throw new PrumergeError("INVALID_FILE", "an API key that is too weak or cannot be sent", {
      where: `${path}, line ${number}`,
      expected: strongKey,
      help: "Make one with: openssl rand -hex 24",
    });
  }
  return lines.map(({ key }) => key);
}

/**
 * The key for somebody else's server, out of a file with this one line: how long it is is up to them. Blank lines and those
 * that begin with # are passed over.
 *
 * @throws PrumergeError NOT_FOUND, or INVALID_FILE, which names the line and never the key
 */
export async function readBackendKey(path: string): Promise<string> {
  const [first, second] = await readLines(path);
  if (second !== undefined) {
    throw new PrumergeError("INVALID_FILE", "a second key, which would not be used", {
      where: `${path}, line ${second.number}`,
      expected: "one key",
    });
  }
  if (/^[\x21-\x7e]+$/.test(first!.key)) return first!.key;
  throw new PrumergeError("INVALID_FILE", "an API key that cannot be sent", {
    where: `${path}, line ${first!.number}`,
    expected: "printable ASCII characters without spaces",
  });
}

/** At least one line. */
async function readLines(path: string): Promise<{ readonly key: string; readonly number: number }[]> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new PrumergeError("NOT_FOUND", "the file of API keys cannot be read", {
      where: path,
      found: cause.code ?? "a failure",
      cause,
    });
  });
  const lines = text.split(/\r?\n/).map((line, at) => ({ key: line.trim(), number: at + 1 }));
  const keys = lines.filter(({ key }) => key !== "" && !key.startsWith("#"));
  if (keys.length > 0) return keys;
  throw new PrumergeError("INVALID_FILE", "a file of API keys without a key", { where: path });
}
