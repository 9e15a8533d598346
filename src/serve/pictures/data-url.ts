import { ApiError } from "../http/api-error.js";

/** `data:` up to the comma; parameters but `base64` are of no use here. */
const head = /^data:([a-z0-9.+/-]{0,100})((?:;[a-z0-9.+=_-]{0,100}){0,8}),/i;

/**
 * The bytes of a base64 `data:` URL.
 *
 * @param maxBytes known from the text's length before anything is decoded
 * @throws ApiError 400 for another encoding, text that is no base64, or too many bytes
 */
export function decodeDataUrl(url: string, maxBytes: number, param: string): Buffer {
  const refuse = (message: string, code: string) => new ApiError(400, message, { code, param });
  const found = head.exec(url.slice(0, 1024));
  if (found === null || !/;base64$/i.test(found[2]!)) {
    throw refuse("Expected a base64 data: URL, for example data:image/png;base64,...", "invalid_image_url");
  }
  const text = url.slice(found[0].length);
  if (Math.floor((text.length * 3) / 4) - 2 > maxBytes) {
    throw refuse(`A picture has more than ${maxBytes} bytes.`, "image_too_large");
  }
  const bytes = decodeBase64(text);
  if (bytes === undefined || text === "") throw refuse("The picture is not valid base64.", "invalid_base64");
  return bytes;
}

/**
 * Node's decoder skips what is no base64, so that a damaged picture would become another one: the way back tells. (It
 * runs natively; a regular expression over a whole picture is slower.)
 */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text.padEnd(Math.ceil(text.length / 4) * 4, "=") ? bytes : undefined;
}
