import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { Agent, request } from "undici";
import { orAborted } from "../../or-aborted.js";
import { ApiError } from "../http/api-error.js";
import { defaultLimits, type ServerLimits } from "../limits.js";
import type { FetchPicture, MediaKind } from "./picture-reader.js";
import { isPublicAddress } from "./public-address.js";

/** Addresses of a host name. */
export type Resolve = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export interface FetchOptions {
  readonly limits: Pick<ServerLimits, "fetchMilliseconds" | "pictureBytes"> &
    Partial<Pick<ServerLimits, "videoBytes">>;
  /**
   * Origins (`https://pictures.example.org`) that alone are fetched from, trusted as they are, also at private addresses
   * and without TLS. Default: any https: address of the public internet.
   */
  readonly allow?: readonly string[];
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Which addresses may be connected to. Default: those of the public internet. */
  readonly isPublic?: (address: string) => boolean;
  /** Certificates, PEM, to trust instead of the system's. */
  readonly ca?: string;
}

const mostRedirects = 3;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** What is asked for and taken of each kind; the bytes themselves are looked at later. */
const media = {
  picture: {
    accept: "image/jpeg, image/png, image/webp, image/gif",
    types: /^(image\/(jpeg|png|webp|gif)|(application|binary)\/octet-stream)\b/i,
    named: "a JPEG, PNG, WebP or GIF",
    codes: {
      type: "unsupported_image",
      url: "invalid_image_url",
      large: "image_too_large",
      refused: "image_fetch_refused",
      failed: "image_fetch_failed",
    },
  },
  video: {
    accept: "video/*, image/gif, image/webp",
    types:
      /^(video\/[\w.+-]+|image\/(webp|gif|png|apng)|application\/(mp4|ogg|x-matroska)|(application|binary)\/octet-stream)\b/i,
    named: "a video",
    codes: {
      type: "unsupported_video",
      url: "invalid_video_url",
      large: "video_too_large",
      refused: "video_fetch_refused",
      failed: "video_fetch_failed",
    },
  },
} as const;

/**
 * A fetcher for addresses that strangers hand in. Each hop's name is resolved once, all of its addresses are checked,
 * and the connection goes to a checked one, so that a name cannot change its address in between.
 */
export function pictureFetcher(options: FetchOptions): FetchPicture {
  const { limits, allow = [], resolve = systemResolve, isPublic = isPublicAddress, ca } = options;
  const allowed = new Set(allow.map((origin) => new URL(origin).origin));
  return async (address, param, signal, kind = "picture") => {
    const { codes } = media[kind];
    const deadline = AbortSignal.timeout(limits.fetchMilliseconds);
    const either = AbortSignal.any([signal, deadline]);
    const refuse: Refuse = (message, why = "failed") =>
      new ApiError(400, message.replaceAll("picture", kind), { code: codes[why], param });
    try {
      let url = parse(address, undefined, refuse);
      for (let hop = 0; hop <= mostRedirects; hop++) {
        const found = await fetchOnce(url, {
          allowed,
          resolve,
          isPublic,
          ca,
          kind,
          maxBytes: kind === "video" ? (limits.videoBytes ?? defaultLimits.videoBytes) : limits.pictureBytes,
          refuse,
          signal: either,
        });
        if (found instanceof Uint8Array) return found;
        url = parse(found.location, url, refuse);
      }
      throw refuse(`The picture's address redirects more than ${mostRedirects} times.`);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (deadline.aborted) throw refuse("The picture's address did not answer in time.");
      if (error instanceof ApiError) throw error;
      throw refuse("The picture's address could not be read.");
    }
  };
}

/** Of a video its message speaks of one. */
type Refuse = (message: string, why?: keyof (typeof media)["picture"]["codes"]) => ApiError;

interface Hop {
  readonly allowed: ReadonlySet<string>;
  readonly resolve: Resolve;
  readonly isPublic: (address: string) => boolean;
  readonly ca: string | undefined;
  readonly kind: MediaKind;
  readonly maxBytes: number;
  readonly refuse: Refuse;
  readonly signal: AbortSignal;
}

async function fetchOnce(url: URL, hop: Hop): Promise<Uint8Array | { readonly location: string }> {
  const { refuse, signal, kind, maxBytes } = hop;
  const pinned = await checkedAddress(url, hop);
  const agent = new Agent({
    connections: 1,
    maxHeaderSize: 16_384,
    connect: {
      ...(hop.ca !== undefined && { ca: hop.ca }),
      // Node asks for all addresses, or for one.
      lookup: (_host, options, done) => {
        if (options.all) done(null, [pinned]);
        else done(null, pinned.address, pinned.family);
      },
    },
  });
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal,
      headers: { accept: media[kind].accept, "user-agent": "prumerge" },
    });
    body.on("error", () => undefined); // read failures are thrown below, those of an unread body are nobody's
    if (redirects.includes(statusCode)) {
      if (typeof headers.location !== "string") throw refuse("The picture's address redirects to nowhere.");
      return { location: headers.location };
    }
    if (statusCode !== 200) throw refuse(`The picture's address answered with status ${statusCode}.`);
    checkType(headers["content-type"], kind, refuse);
    return await readBody(body, Number(headers["content-length"] ?? 0), maxBytes, refuse);
  } finally {
    await agent.destroy();
  }
}

/** One address that may be connected to. */
async function checkedAddress(
  url: URL,
  { allowed, resolve, isPublic, kind, refuse, signal }: Hop,
): Promise<{ address: string; family: number }> {
  const trusted = allowed.has(url.origin);
  const open = url.protocol === "https:" && url.port === "" && allowed.size === 0;
  if (!trusted && !open) {
    throw refuse(`${kind === "video" ? "Videos" : "Pictures"} are not fetched from this address.`, "refused");
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found =
    isIP(host) > 0
      ? [{ address: host, family: isIP(host) }]
      : await orAborted(
          resolve(host).catch(() => []), // a resolver takes its time, and no signal
          signal,
        );
  const [first] = found;
  if (first === undefined) throw refuse("The host of the picture's address is not known.");
  if (!trusted && !found.every(({ address }) => isPublic(address))) {
    throw refuse(`${kind === "video" ? "Videos" : "Pictures"} are not fetched from this address.`, "refused");
  }
  return { address: first.address, family: first.family };
}

function parse(address: string, base: URL | undefined, refuse: Refuse): URL {
  const url = parseUrl(address, base);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw refuse("Expected a data: URL or an https: address.", "url");
  }
  if (url.username !== "" || url.password !== "") {
    throw refuse("An address with a name and password is not fetched from.", "url");
  }
  return url;
}

function parseUrl(address: string, base: URL | undefined): URL | undefined {
  if (address.length > 4096) return undefined;
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}

/** A header of another type is refused before anything is read. */
function checkType(type: string | string[] | undefined, kind: MediaKind, refuse: Refuse): void {
  const { types, named } = media[kind];
  if (typeof type === "string" && types.test(type)) return;
  throw refuse(`The picture's address does not answer with ${named}.`, "type");
}

async function readBody(
  body: AsyncIterable<Uint8Array>,
  announced: number,
  maxBytes: number,
  refuse: Refuse,
): Promise<Uint8Array> {
  const tooLarge = () => refuse(`A picture has more than ${maxBytes} bytes.`, "large");
  if (announced > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function systemResolve(host: string): ReturnType<Resolve> {
  return lookup(host, { all: true, verbatim: true });
}
