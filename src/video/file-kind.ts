import { PrumergeError } from "../errors.js";
import { readSignature } from "../image/signature.js";

/** How a file's frames are read: by ffmpeg, or as an animation that pictures are decoded of. */
export type VideoFileKind = "clip" | "animation";

/** Bytes from the beginning that tell a file's kind. */
export const headLength = 4096;

/** What names other files, by what such files begin with: they are never followed. */
const playlists: readonly (readonly [RegExp, string])[] = [
  [/^#EXTM3U/i, "an M3U playlist"],
  [/^ffconcat/i, "a list of files for ffmpeg"],
  [/^file\s+\S/i, "a list of files for ffmpeg"],
  [/^\[playlist\]/i, "a PLS playlist"],
  [/^v=0\s/, "a session description (SDP)"],
  [/^(<\?xml[^>]*>\s*)?<(!--|MPD|SmoothStreamingMedia|asx|playlist|smil)/i, "a playlist in XML"],
  [/^(https?|rtsp|rtmp|concat|subfile):/i, "an address"],
];

/**
 * What kind of video a file is, by its first bytes and never by its name.
 *
 * @param head up to {@link headLength} bytes from its beginning, at least one
 * @throws PrumergeError INVALID_VIDEO for a picture, a playlist and for what is certainly no video
 */
export function videoFileKind(head: Uint8Array, where: string): VideoFileKind {
  const text = String.fromCharCode(...head.subarray(0, 512))
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  const playlist = playlists.find(([pattern]) => pattern.test(text))?.[1];
  if (playlist !== undefined) {
    throw noVideo(where, `${playlist}, which names other files`, "Hand in the video file itself.");
  }
  const { format, name } = readSignature(head);
  if (isAnimation(head)) return format === "png" ? "clip" : "animation";
  if (format !== undefined || name === "HEIC" || name === "BMP") {
    throw noVideo(where, `${name}, a picture`, "Ask about it as a picture.");
  }
  if (name === "text" || name === "SVG or other XML" || name === "an HTML page" || name === "PDF")
    throw noVideo(where, name);
  return "clip";
}

/** Whether a picture file's first bytes are those of a kind that has several frames: GIF, and WebP and PNG that say so. */
export function isAnimation(head: Uint8Array): boolean {
  const { format } = readSignature(head);
  return (
    format === "gif" ||
    (format === "webp" && isAnimatedWebp(head)) ||
    (format === "png" && isAnimatedPng(head))
  );
}

/** [first bytes as latin-1, `.` for any byte] of containers of films, beside those that signatures of pictures know. */
const films: readonly string[] = [
  ...["....moov", "....mdat", "....wide", "....free", "....skip", "....pnot"],
  ...["RIFF....AVI ", "OggS", "FLV\x01", "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "\x06\x0e\x2b\x34"],
  ...["\0\0\x01\xba", "\0\0\x01\xb3"],
];

/** Of an MPEG transport stream, each of whose packets begins with the same byte. */
const packet = 188;

/**
 * Whether a file's first bytes are those of a video and of nothing else: a container of films. Animations are not, since they are
 * pictures as well.
 *
 * @param head some hundred bytes from its beginning
 */
export function looksLikeVideo(head: Uint8Array): boolean {
  if (readSignature(head).name === "a video") return true;
  const packets = [0, 1, 2].every((at) => head[at * packet] === 0x47);
  return (
    packets ||
    films.some((film) => [...film].every((byte, at) => byte === "." || head[at] === byte.charCodeAt(0)))
  );
}

export function noVideo(where: string, found: string, help?: string): PrumergeError {
  return new PrumergeError("INVALID_VIDEO", "not a video that is read", {
    where,
    expected: "a video file such as MP4, MOV, WebM, MKV or AVI, or an animated GIF, WebP or PNG",
    found,
    ...(help !== undefined && { help }),
  });
}

/** The flag of the extended header. */
function isAnimatedWebp(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(12, 16)) === "VP8X" && (head[20] & 2) !== 0;
}

/** A chunk acTL before the first of pixels. */
function isAnimatedPng(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  for (let at = 8; at + 8 <= head.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...head.subarray(at + 4, at + 8));
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
  }
  return false;
}
