import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PrumergeError } from "../errors.js";
import { decodePicture, type PictureSource } from "../image/decode.js";
import { refuseEncrypted } from "./encryption.js";
import { findFfmpeg } from "./ffmpeg/find-ffmpeg.js";
import { readClip } from "./ffmpeg/read-clip.js";
import { headLength, noVideo, videoFileKind } from "./file-kind.js";
import { checkBytes, tooSlow, type VideoLimits, videoLimits } from "./limits.js";
import { picturesIn } from "./picture-folder.js";
import { readPictures } from "./picture-video.js";
import { readAnimation } from "./read-animation.js";
import { checkSampling, type FrameSampling } from "./sampling.js";
import { type ByteStream, spool } from "./spool.js";
import type { Video, VideoFrames } from "./video.js";

/**
 * A video: a path or `file:` URL of a video file, an animated GIF, WebP or PNG, or a folder of pictures in the order of their
 * names; a list of pictures; the bytes of a video file; or a stream of them, of Node or of the web, which is read once.
 */
export type VideoSource =
  | string
  | URL
  | readonly PictureSource[]
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>;

/** How a video is read; the limits are those of {@link VideoLimits}. */
export interface VideoOptions extends Partial<VideoLimits> {
  /** Absolute path of the ffmpeg that decodes. Default: that of PRUMERGE_FFMPEG, else the first on PATH. */
  readonly ffmpeg?: string;
  /** What to call the video in messages. Default: its path, or "video". */
  readonly name?: string;
}

/**
 * A video, of which nothing is read until a model asks for its frames. Video files are decoded by the program ffmpeg, which has
 * to be installed; animated GIF and WebP and pictures need none.
 *
 * @throws PrumergeError INVALID_OPTION for limits out of range and for what is no video source
 * @example
 * ```ts
 * const seen = await model.see(openVideo("kitchen.mp4"), pruMerge());
 * ```
 */
export function openVideo(source: VideoSource, options: VideoOptions = {}): Video {
  const limits = videoLimits(options);
  const where = options.name ?? nameOf(source);
  let read = false;
  return {
    kind: "video",
    async take(sampling, { signal } = {}) {
      checkSampling(sampling);
      if (signal?.aborted)
        throw new PrumergeError("ABORTED", "reading a video was aborted", { cause: signal.reason });
      if (Array.isArray(source))
        return readPictures(
          source as readonly PictureSource[],
          decodePicture,
          where,
          sampling,
          limits,
          signal,
        );
      const given = { where, limits, ffmpeg: options.ffmpeg, signal };
      if (typeof source === "string" || source instanceof URL)
        return readPath(pathOf(source), sampling, given);
      if (isStream(source)) {
        if (read) throw readTwice(where);
        read = true;
      }
      const over = AbortSignal.timeout(limits.maxDecodeSeconds * 1000);
      const until = signal === undefined ? over : AbortSignal.any([signal, over]);
      const bytes = bytesOf(source as Exclude<VideoSource, string | URL | readonly PictureSource[]>);
      const spooled = await spool(bytes, limits.maxBytes, { where, signal: until }).catch(
        (error: unknown) => {
          throw over.aborted && signal?.aborted !== true ? tooSlow(limits, where) : error;
        },
      );
      try {
        return await readPath(spooled.path, sampling, given);
      } finally {
        await spooled.remove();
      }
    },
  };
}

interface Given {
  readonly where: string;
  readonly limits: VideoLimits;
  readonly ffmpeg: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function readPath(path: string, sampling: FrameSampling, given: Given): Promise<VideoFrames> {
  const { where, limits, signal } = given;
  const before = await stat(path).catch((cause: unknown) => {
    throw unreadable(where, cause);
  });
  if (before.isDirectory()) {
    const { paths, others } = await picturesIn(path);
    const read = await readPictures(paths, decodePicture, where, sampling, limits, signal);
    const note = `${others} other files of the folder are no pictures by their names, and were left out.`;
    return others === 0 ? read : { ...read, notes: [...read.notes, note] };
  }
  if (!before.isFile()) throw noVideo(where, "a pipe or a device", "Hand in a file.");
  if (before.size === 0) throw noVideo(where, "an empty file");
  checkBytes(before.size, limits, where);
  const read = await readFile(path, before.size, sampling, given);
  const after = await stat(path).catch(() => undefined);
  if (after?.size === before.size && after.mtimeMs === before.mtimeMs) return read;
  return {
    ...read,
    notes: [...read.notes, "The file was changed while it was read: what was seen may be a part of it."],
  };
}

async function readFile(
  path: string,
  size: number,
  sampling: FrameSampling,
  given: Given,
): Promise<VideoFrames> {
  const { where, limits, ffmpeg, signal } = given;
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(where, cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    if (videoFileKind(buffer.subarray(0, bytesRead), where) === "animation")
      return await readAnimation(path, where, sampling, limits, signal);
    await refuseEncrypted(
      async (position, length) => {
        const part = await file.read(Buffer.alloc(length), 0, length, position);
        return part.buffer.subarray(0, part.bytesRead);
      },
      size,
      where,
    );
  } finally {
    await file.close();
  }
  return readClip({ path, where, program: await findFfmpeg(ffmpeg), limits, signal }, sampling);
}

function pathOf(source: string | URL): string {
  const text = String(source);
  if (/^file:/i.test(text)) return fileURLToPath(text);
  if (source instanceof URL || /^(https?|data|blob|rtsp|rtmp):/i.test(text)) {
    throw new PrumergeError("INVALID_OPTION", "videos are not fetched from addresses", {
      expected: "a path or file URL",
      found: text.slice(0, 80),
      help: "Download it first and hand in the file or its bytes",
    });
  }
  if (text === "" || text.includes("\0")) {
    throw new PrumergeError("INVALID_OPTION", "not a path of a video", {
      found: JSON.stringify(text.slice(0, 200)),
    });
  }
  return resolve(text);
}

function nameOf(source: VideoSource): string {
  if (typeof source === "string" || source instanceof URL) return String(source).slice(0, 500);
  const bytes = source instanceof Uint8Array || source instanceof ArrayBuffer || source instanceof Blob;
  if (bytes || Array.isArray(source) || isStream(source)) return "video";
  throw new PrumergeError("INVALID_OPTION", "not a video", {
    expected: "a path, file URL, list of pictures, Uint8Array, ArrayBuffer, Blob or stream of bytes",
    found: source === null ? "null" : typeof source,
  });
}

function isStream(source: VideoSource): source is AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> {
  return (
    typeof source === "object" &&
    source !== null &&
    (Symbol.asyncIterator in source || typeof (source as { getReader?: unknown }).getReader === "function")
  );
}

function readTwice(where: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "a stream is read once, and has been", {
    where,
    help: "Open its bytes or a file, or keep the frames with rememberVideo.",
  });
}

function bytesOf(source: Exclude<VideoSource, string | URL | readonly PictureSource[]>): ByteStream {
  if (source instanceof Blob) return source.stream() as unknown as ByteStream;
  if (source instanceof ArrayBuffer) return [new Uint8Array(source)];
  return source instanceof Uint8Array ? [source] : source;
}

function unreadable(where: string, cause: unknown): PrumergeError {
  const { code } = cause as { code?: unknown };
  if (code === "ENOENT" || code === "ENOTDIR")
    return new PrumergeError("NOT_FOUND", "no such video", { where, cause });
  return new PrumergeError("INVALID_VIDEO", "a video cannot be read", {
    where,
    found: typeof code === "string" ? code : String(cause),
    cause,
  });
}
