import { PrumergeError } from "../../errors.js";
import { isRawPicture, type RawPicture } from "../../image/raw-picture.js";
import { readSignature } from "../../image/signature.js";
import { type ReadBytes, refuseEncrypted } from "../../video/encryption.js";
import { headLength, isAnimation, noVideo, videoFileKind } from "../../video/file-kind.js";
import { checkBytes, type VideoLimits, videoLimits } from "../../video/limits.js";
import { readPictures } from "../../video/picture-video.js";
import { checkSampling, type FrameSampling } from "../../video/sampling.js";
import type { Video, VideoFrames } from "../../video/video.js";
import { decodeInBrowser } from "../decode-picture.js";
import { addressOf, fetchPart, fetchWithin } from "./address.js";
import { withClip } from "./clip-file.js";
import { type Deadline, deadlineOf } from "./deadline.js";
import { loadMediabunny } from "./load-mediabunny.js";
import { missingBytes } from "./matroska-end.js";
import { readAnimation } from "./read-animation.js";
import { readClip } from "./read-clip.js";

/** A picture among a video's frames: a file or its bytes, something drawn, or pixels. */
export type FramePicture = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer | ImageBitmapSource | RawPicture;

/**
 * A video: a video file, an animated GIF, WebP or PNG as a `File`, `Blob`, bytes or address; or a list of pictures in the order
 * of time.
 */
export type BrowserVideoSource =
  | Blob
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | string
  | URL
  | readonly FramePicture[];

/** How a video is read; the limits are those of {@link VideoLimits}, with {@link VideoLimits.maxTakenPixels} of 200 million. */
export interface BrowserVideoOptions extends Partial<VideoLimits> {
  /** What to call the video in messages. Default: its file's name or address, or "video". */
  readonly name?: string;
}

/**
 * A video, of which nothing is read until a model asks for its frames. Video files are taken apart by the package mediabunny,
 * which has to be installed, and decoded by the browser (WebCodecs); animations and pictures need no package.
 *
 * @throws PrumergeError INVALID_OPTION for limits out of range and for what is no video source
 * @example
 * ```ts
 * const seen = await model.see(openVideo(file, { maxSeconds: 60 }), pruMerge());
 * ```
 */
export function openVideo(source: BrowserVideoSource, options: BrowserVideoOptions = {}): Video {
  const limits = videoLimits({ maxTakenPixels: 200_000_000, ...options });
  const where = options.name ?? nameOf(source);
  return {
    kind: "video",
    async take(sampling, { signal } = {}) {
      checkSampling(sampling);
      const deadline = deadlineOf(limits, where, signal);
      deadline.check();
      const given = { limits, where, deadline };
      try {
        if (Array.isArray(source))
          return await readPictures(
            source as readonly FramePicture[],
            decode,
            where,
            sampling,
            limits,
            signal,
          );
        if (typeof source === "string" || source instanceof URL)
          return await readAddress(addressOf(source), sampling, given);
        return await readFile(fileOf(source as Blob), sampling, given);
      } catch (error) {
        deadline.check();
        throw error;
      }
    },
  };
}

interface Given {
  readonly limits: VideoLimits;
  readonly where: string;
  readonly deadline: Deadline;
}

async function readFile(file: Blob, sampling: FrameSampling, given: Given): Promise<VideoFrames> {
  const { limits, where } = given;
  if (file.size === 0) throw noVideo(where, "an empty file");
  checkBytes(file.size, limits, where);
  const read = async (position: number, length: number) =>
    new Uint8Array(await file.slice(position, position + length).arrayBuffer());
  const head = await read(0, headLength);
  const animation = animationType(head, where);
  if (animation !== undefined) return readAnimation(file, animation, sampling, given);
  await refuseEncrypted(read, file.size, where);
  const media = await loadMediabunny(where);
  const missing = missingBytes(head, file.size);
  return withClip(media, new media.BlobSource(file), given, async (clip) => {
    const read = await readClip(clip, sampling).catch((error: unknown) => {
      throw missing > 0 && PrumergeError.isInstance(error) ? cutOff(error, missing) : error;
    });
    return missing === 0 ? read : { ...read, notes: [...read.notes, cutNote(missing)] };
  });
}

function cutNote(missing: number): string {
  return `The file ends early: ${missing} bytes are missing, and the last seconds before them may be left out.`;
}

/** Where nothing could be decoded of a file that ends before its first part does. */
function cutOff(error: PrumergeError, missing: number): PrumergeError {
  if (error.code !== "INVALID_VIDEO") return error;
  return new PrumergeError(error.code, error.summary, {
    ...error.details,
    found: `a file that ends early: ${missing} bytes are missing`,
  });
}

/** A video file is read in parts, where its server gives out parts. */
async function readAddress(address: string, sampling: FrameSampling, given: Given): Promise<VideoFrames> {
  const { limits, where, deadline } = given;
  const fetching = { maxBytes: limits.maxBytes, signal: deadline.signal };
  const head = await fetchPart(address, 0, headLength, fetching);
  if (head.bytes.length === 0) throw noVideo(where, "an empty file");
  if (animationType(head.bytes, where) !== undefined || !head.partly)
    return readFile(await (await fetchWithin(address, {}, fetching)).blob(), sampling, given);
  await refuseEncrypted(inBlocks(address, fetching), Number.MAX_SAFE_INTEGER, where);
  const media = await loadMediabunny(where);
  let failure: unknown;
  const source = new media.UrlSource(address, {
    parallelism: 1,
    getRetryDelay: () => null,
    fetchFn: (input, init = {}) =>
      fetchWithin(input instanceof Request ? input.url : String(input), init, fetching).catch((error) => {
        failure ??= error;
        throw error;
      }),
  });
  return withClip(media, source, given, (clip) => readClip(clip, sampling)).catch((error: unknown) => {
    throw PrumergeError.isInstance(failure) ? failure : error;
  });
}

/** Small reads of a file far away, few of which ask its server. */
function inBlocks(address: string, fetching: Parameters<typeof fetchPart>[3]): ReadBytes {
  let held: { readonly from: number; readonly bytes: Uint8Array } | undefined;
  return async (position, length) => {
    const within =
      held !== undefined && position >= held.from && position + length <= held.from + held.bytes.length;
    if (!within) {
      const { bytes } = await fetchPart(address, position, Math.max(length, blockBytes), fetching);
      held = { from: position, bytes };
    }
    const start = position - held!.from;
    return held!.bytes.subarray(start, start + length);
  };
}

const blockBytes = 64 * 1024;

/** Of what is decoded as an animation, `image/gif` and so on; undefined for a video file. */
function animationType(head: Uint8Array, where: string): string | undefined {
  if (isAnimation(head)) return `image/${readSignature(head).format}`;
  videoFileKind(head, where); // refuses what is neither
  return undefined;
}

function fileOf(source: Blob | Uint8Array<ArrayBuffer> | ArrayBuffer): Blob {
  return source instanceof Blob ? source : new Blob([source]);
}

async function decode(
  picture: FramePicture,
  { maxBytes, maxPixels }: { readonly maxBytes: number; readonly maxPixels: number },
) {
  const limits = { maxBytes, maxPixels };
  if (isRawPicture(picture)) {
    const { width, height, data } = picture;
    return decodeInBrowser({ width, height, data }, limits);
  }
  if (!(picture instanceof Blob) && !(picture instanceof ArrayBuffer) && !(picture instanceof Uint8Array))
    return decodeInBrowser(await createImageBitmap(picture), limits);
  return decodeInBrowser(fileOf(picture), limits);
}

function nameOf(source: BrowserVideoSource): string {
  if (typeof source === "string" || source instanceof URL) return String(source).slice(0, 500);
  if (source instanceof File && source.name !== "") return source.name;
  const bytes = source instanceof Uint8Array || source instanceof ArrayBuffer || source instanceof Blob;
  if (bytes || Array.isArray(source)) return "video";
  throw new PrumergeError("INVALID_OPTION", "not a video", {
    expected: "a File, Blob, Uint8Array, ArrayBuffer, address or list of pictures",
    found: source === null ? "null" : typeof source,
  });
}
