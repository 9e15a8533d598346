import { readSignature } from "../../image/signature.js";
import { ApiError } from "../http/api-error.js";

const taken: readonly (string | undefined)[] = ["jpeg", "png", "webp", "gif"];

/**
 * Refuses every format but four, by its first bytes, whatever a URL or header says: what is decoded is what can be
 * attacked.
 *
 * @throws ApiError 400
 */
export function checkPictureFormat(bytes: Uint8Array, param: string): void {
  const { format, name } = readSignature(bytes);
  if (taken.includes(format)) return;
  const found = bytes.length === 0 ? "nothing" : name;
  throw new ApiError(400, `Unsupported picture: expected JPEG, PNG, WebP or GIF, found ${found}.`, {
    code: "unsupported_image",
    param,
  });
}
