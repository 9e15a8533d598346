import { PrumergeError } from "../errors.js";

/** What reading a video may cost. Larger is refused, before the work where its file says so, and else as soon as it shows. */
export interface VideoLimits {
  /** Largest file, bytes. Default 2 GiB. */
  readonly maxBytes: number;
  /** Longest video, seconds. Default 3600. */
  readonly maxSeconds: number;
  /** Most frames that are gone through to count them. Default 250,000. */
  readonly maxFrames: number;
  /** Largest width x height of a frame. Default 40 million, so that 8K is read and 16K is not. */
  readonly maxPixels: number;
  /** Most pixels of all frames that are taken, each of which is 3 bytes. Default 500 million. */
  readonly maxTakenPixels: number;
  /** Longest time that decoding may take, and that a stream may take to come, seconds. Default 600. */
  readonly maxDecodeSeconds: number;
}

export const usualLimits: VideoLimits = {
  maxBytes: 2 * 1024 ** 3,
  maxSeconds: 3600,
  maxFrames: 250_000,
  maxPixels: 40_000_000,
  maxTakenPixels: 500_000_000,
  maxDecodeSeconds: 600,
};

/**
 * The limits with those that are given in place of the usual.
 *
 * @throws PrumergeError INVALID_OPTION for what is no number above 0
 */
export function videoLimits(given: Partial<VideoLimits>): VideoLimits {
  const limits: Record<string, number> = { ...usualLimits };
  for (const name of Object.keys(usualLimits) as (keyof VideoLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value)) {
      throw new PrumergeError("INVALID_OPTION", "a limit out of range", {
        where: name,
        expected: "a number above 0",
        found: String(value),
      });
    }
    limits[name] = value;
  }
  return limits as unknown as VideoLimits;
}

/** A video that is too much in some way. */
export function beyond(what: string, where: string, expected: string, found: string, help?: string) {
  return new PrumergeError("LIMIT_EXCEEDED", what, { where, expected, found, ...(help && { help }) });
}

/** @throws PrumergeError LIMIT_EXCEEDED where so many frames of a size are more than may be taken */
export function checkTaken(
  frames: number,
  width: number,
  height: number,
  limits: VideoLimits,
  where: string,
): void {
  const most = limits.maxTakenPixels;
  if (frames * width * height <= most) return;
  const found = `${frames} frames of ${width} x ${height}`;
  const expected = `at most ${most} pixels in all`;
  throw beyond(
    "the frames that are asked for have too many pixels",
    where,
    expected,
    found,
    "Take fewer frames.",
  );
}

/** @throws PrumergeError LIMIT_EXCEEDED for a frame that is too large */
export function checkFrame(width: number, height: number, limits: VideoLimits, where: string): void {
  if (width * height <= limits.maxPixels) return;
  throw beyond(
    "a video's picture is too large",
    where,
    `at most ${limits.maxPixels} pixels`,
    `${width} x ${height}`,
  );
}

/** @throws PrumergeError LIMIT_EXCEEDED for a video that is too long */
export function checkSeconds(seconds: number, limits: VideoLimits, where: string): void {
  if (seconds <= limits.maxSeconds) return;
  throw beyond("a video is too long", where, `at most ${limits.maxSeconds} s`, `${seconds} s`, shorter);
}

/** @throws PrumergeError LIMIT_EXCEEDED for a video that has too many frames */
export function checkCount(frames: number, limits: VideoLimits, where: string): void {
  if (frames <= limits.maxFrames) return;
  throw beyond("a video has too many frames", where, `at most ${limits.maxFrames}`, "more", shorter);
}

/** @throws PrumergeError LIMIT_EXCEEDED for a file that is too large */
export function checkBytes(bytes: number, limits: VideoLimits, where: string): void {
  if (bytes <= limits.maxBytes) return;
  throw beyond("a video file is too large", where, `at most ${limits.maxBytes} bytes`, `${bytes} bytes`);
}

/** A video whose decoding took more than its time. */
export function tooSlow(limits: Pick<VideoLimits, "maxDecodeSeconds">, where: string): PrumergeError {
  const help = "Cut a shorter part of it, or scale it down.";
  const most = `at most ${limits.maxDecodeSeconds} s`;
  return beyond("decoding a video takes too long", where, most, "more", help);
}

const shorter = "Cut a shorter part of it, or raise the limit.";
