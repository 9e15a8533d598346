import { isUtf8 } from "node:buffer";
import { PrumergeError } from "../../errors.js";
import { findJsonBreak } from "./json-break.js";
import { fileLimits } from "./limits.js";
import { readChunks } from "./read-chunks.js";

/** A small text file. @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE where it is no UTF-8 */
export async function readText(path: string, limit: number = fileLimits.whole): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path, limit)) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new PrumergeError("INVALID_FILE", "not text in UTF-8", { where: path });
  return bytes.toString("utf8");
}

/** A small JSON document. @throws PrumergeError as {@link readText}; INVALID_FILE with the line where it breaks off */
export async function readJson(path: string, limit?: number): Promise<unknown> {
  const text = await readText(path, limit);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    const line = text.slice(0, findJsonBreak(text)).split("\n").length;
    throw new PrumergeError("INVALID_FILE", "not valid JSON", {
      where: `${path}:${line}`,
      found: message,
      cause,
    });
  }
}
