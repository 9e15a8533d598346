import { readFile } from "node:fs/promises";
import { PrumergeError } from "../errors.js";
import { cleanToken, type HubEnvironment } from "./environment.js";

/**
 * The token to send: the caller's, else that of `HF_TOKEN` or `HUGGING_FACE_HUB_TOKEN`, else what `hf auth login` left on
 * this machine; the latter two not where `HF_HUB_DISABLE_IMPLICIT_TOKEN` says so.
 *
 * @throws PrumergeError `INVALID_OPTION` for what cannot be a token, `INVALID_FILE` for a file that is there and cannot be
 * read. A token's value is never part of a message.
 */
export async function findToken(
  given: string | undefined,
  { token, tokenPath, implicitToken }: HubEnvironment,
): Promise<string | undefined> {
  if (given !== undefined) return checkToken(given, "the token");
  if (!implicitToken) return undefined;
  if (token !== undefined) return checkToken(token, "HF_TOKEN");
  const stored = await readFile(tokenPath, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw new PrumergeError("INVALID_FILE", "the stored token cannot be read", {
      where: tokenPath,
      found: cause.code ?? "an error",
      help: "HF_TOKEN_PATH names another file; HF_HUB_DISABLE_IMPLICIT_TOKEN=1 does without",
      cause,
    });
  });
  return checkToken(cleanToken(stored), tokenPath);
}

function checkToken(token: string | undefined, where: string): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new PrumergeError("INVALID_OPTION", "the token holds characters that no token has", {
    where,
    expected: "printable ASCII without spaces",
  });
}
