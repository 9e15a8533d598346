import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import { decodeDataUrl, isDataUrl } from "./data-url.js";
import { checkPictureFormat } from "./picture-format.js";

/** Fetches a picture's bytes from an address. */
export type FetchPicture = (url: string, param: string, signal: AbortSignal) => Promise<Uint8Array>;

/** A picture of a request, and where it stands there. */
export interface PictureReference {
  readonly url: string;
  /** For messages: `messages[0].content[1].image_url.url`. */
  readonly param: string;
  /** How closely it is to be looked at. */
  readonly detail?: "auto" | "low" | "high" | undefined;
}

/**
 * The bytes of a picture file, out of a `data:` URL or fetched, of a format that is taken.
 *
 * @param fetchPicture undefined where pictures are not fetched
 * @throws ApiError 400
 */
export async function readPictureBytes(
  { url, param }: PictureReference,
  limits: Pick<ServerLimits, "pictureBytes">,
  fetchPicture: FetchPicture | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = isDataUrl(url)
    ? decodeDataUrl(url, limits.pictureBytes, param)
    : await fetchAny(url, param, fetchPicture, signal);
  checkPictureFormat(bytes, param);
  return bytes;
}

function fetchAny(
  url: string,
  param: string,
  fetchPicture: FetchPicture | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (fetchPicture !== undefined) return fetchPicture(url, param, signal);
  throw new ApiError(400, "This server does not fetch pictures: send them as data: URLs.", {
    code: "invalid_image_url",
    param,
  });
}
