import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import { decodeDataUrl, isDataUrl } from "./data-url.js";
import { checkPictureFormat } from "./picture-format.js";

/** What may be fetched: as many bytes, of other types. */
export type MediaKind = "picture" | "video";

/** Fetches a picture's or a video's bytes from an address. */
export type FetchPicture = (
  url: string,
  param: string,
  signal: AbortSignal,
  kind?: MediaKind,
) => Promise<Uint8Array>;

/** A picture or video of a request, and where it stands there. */
export interface PictureReference {
  /** Default `picture`. */
  readonly kind?: MediaKind;
  readonly url: string;
  /** For messages: `messages[0].content[1].image_url.url`. */
  readonly param: string;
  /** How closely it is to be looked at. */
  readonly detail?: "auto" | "low" | "high" | undefined;
}

/**
 * The bytes of a picture or video file, out of a `data:` URL or fetched; of a picture, of a format that is taken.
 *
 * @param fetchPicture undefined where pictures are not fetched
 * @throws ApiError 400
 */
export async function readPictureBytes(
  { url, param, kind = "picture" }: PictureReference,
  limits: Pick<ServerLimits, "pictureBytes" | "videoBytes">,
  fetchPicture: FetchPicture | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = isDataUrl(url)
    ? decodeDataUrl(url, kind === "video" ? limits.videoBytes : limits.pictureBytes, param, kind)
    : await fetchAny(url, param, fetchPicture, signal, kind);
  if (kind === "picture") checkPictureFormat(bytes, param);
  return bytes;
}

function fetchAny(
  url: string,
  param: string,
  fetchPicture: FetchPicture | undefined,
  signal: AbortSignal,
  kind: MediaKind,
): Promise<Uint8Array> {
  if (fetchPicture !== undefined) return fetchPicture(url, param, signal, kind);
  throw new ApiError(400, `This server does not fetch ${kind}s: send them as data: URLs.`, {
    code: "invalid_image_url",
    param,
  });
}
