import { ApiError } from "../http/api-error.js";

/** No media type with its parameters is longer. */
const mostHeadCharacters = 1024;

/** Whether a URL parser would take the text for a `data:` URL. */
export function isDataUrl(url: string): boolean {
  return /^data:/i.test(withoutBreaks(trimmed(url).slice(0, 32)));
}

/**
 * The bytes of a `data:` URL, as WHATWG's data: URL processor and forgiving-base64 read them: with or without `;base64`,
 * percent-encoded or not, base64 in lines or one, with or without its padding. The media type says nothing about what a
 * picture is, and is passed over. (Source: https://fetch.spec.whatwg.org/#data-url-processor and
 * https://infra.spec.whatwg.org/#forgiving-base64-decode)
 *
 * @param what what to call it in messages
 * @param maxBytes known from the text before anything is decoded
 * @throws ApiError 400 for text that is no data: URL or no base64, or too many bytes
 */
export function decodeDataUrl(url: string, maxBytes: number, param: string, what = "picture"): Buffer {
  const word = what === "picture" ? "image" : what;
  const refuse = (message: string, code: string) => new ApiError(400, message, { code, param });
  const whole = trimmed(url);
  const comma = whole.slice(0, mostHeadCharacters).indexOf(",");
  const head = withoutBreaks(whole.slice(0, Math.max(0, comma)));
  if (comma < 0 || head.includes("#")) {
    throw refuse("Expected a data: URL, for example data:image/png;base64,...", `invalid_${word}_url`);
  }
  const fragment = whole.indexOf("#", comma);
  const body = whole.slice(comma + 1, fragment < 0 ? undefined : fragment);
  const base64 = /; *base64[\t\n\f\r ]*$/i.test(head);
  const most = base64 ? Math.ceil(maxBytes / 3) * 4 : maxBytes;
  if (body.length > most && countBytes(withoutBreaks(body), base64) > most) {
    throw refuse(`A ${what} has more than ${maxBytes} bytes.`, `${word}_too_large`);
  }
  const bytes = base64 ? decodeBase64(body) : decodePercent(withoutBreaks(body), false);
  if (bytes === undefined || bytes.length === 0) {
    throw refuse(`The ${what} is not valid base64.`, "invalid_base64");
  }
  if (bytes.length > maxBytes)
    throw refuse(`A ${what} has more than ${maxBytes} bytes.`, `${word}_too_large`);
  return bytes;
}

/** Without what URL parsers take off both ends: spaces and control characters. */
function trimmed(url: string): string {
  let start = 0;
  let end = url.length;
  while (start < end && url.charCodeAt(start) <= 0x20) start++;
  while (end > start && url.charCodeAt(end - 1) <= 0x20) end--;
  return url.slice(start, end);
}

/** Without tabs and line breaks, which URL parsers leave out wherever they stand. */
function withoutBreaks(text: string): string {
  return text.replace(/[\t\n\r]/g, "");
}

/** The text as it is, or, where that is no plain base64, without its escapes and white space. */
function decodeBase64(text: string): Buffer | undefined {
  return (
    decodePlainBase64(text) ?? decodePlainBase64(decodePercent(withoutBreaks(text), true).toString("latin1"))
  );
}

/**
 * Node's decoder skips what is no base64, so that a damaged picture would become another one: the way back tells. (It
 * runs natively; a regular expression over a whole picture is slower.) Of the last character some bits may be unused.
 */
function decodePlainBase64(text: string): Buffer | undefined {
  const padding = text.length % 4 === 0 ? (/={1,2}$/.exec(text.slice(-2))?.[0].length ?? 0) : 0;
  const letters = text.slice(0, text.length - padding);
  if (letters === "" || letters.length % 4 === 1 || !/[A-Za-z0-9+/]$/.test(letters.slice(-1)))
    return undefined;
  const bytes = Buffer.from(letters, "base64");
  const again = bytes.toString("base64");
  const same = again.slice(0, letters.length - 1) === letters.slice(0, -1);
  return same && Math.ceil((bytes.length * 4) / 3) === letters.length ? bytes : undefined;
}

/** Bytes that {@link decodePercent} makes of a text, without making them. */
function countBytes(text: string, skipSpaces: boolean): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const escaped =
      text.charCodeAt(at) === 0x25 ? hexByte(text.charCodeAt(at + 1), text.charCodeAt(at + 2)) : -1;
    if (escaped >= 0) at += 2;
    if (!skipSpaces || !isSpace(escaped >= 0 ? escaped : text.charCodeAt(at))) count++;
  }
  return count;
}

/** The bytes of a text with its escapes resolved; `skipSpaces`: without white space, as forgiving-base64 has it. */
function decodePercent(text: string, skipSpaces: boolean): Buffer {
  const bytes = Buffer.from(text, "utf8");
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const escaped = bytes[at] === 0x25 ? hexByte(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0) : -1;
    if (escaped >= 0) at += 2;
    const code = escaped >= 0 ? escaped : bytes[at]!;
    if (!skipSpaces || !isSpace(code)) bytes[length++] = code;
  }
  return bytes.subarray(0, length);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
}

/** The byte that two hexadecimal digits write; -1 where they are none. */
function hexByte(high: number, low: number): number {
  const [first, second] = [hexDigit(high), hexDigit(low)];
  return first < 0 || second < 0 ? -1 : 16 * first + second;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
