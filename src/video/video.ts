import type { Picture } from "../image/picture.js";
import type { FrameSampling } from "./sampling.js";

/** A video whose frames have not been read: the model that watches it decides which are. */
export interface Video {
  readonly kind: "video";
  /**
   * Reads the frames that a sampling names; memory grows with them and not with the video. May be called again.
   *
   * @throws PrumergeError INVALID_VIDEO for what holds no frame that can be decoded; LIMIT_EXCEEDED; NOT_FOUND; ABORTED
   */
  take(sampling: FrameSampling, options?: { readonly signal?: AbortSignal }): Promise<VideoFrames>;
}

/** Frames of a video, upright, in the order of time. */
export interface VideoFrames {
  readonly frames: readonly Picture[];
  /** Which of all frames each is, from 0; one may be there more than once. */
  readonly indices: readonly number[];
  /** When each is shown, counted from the first frame of the video; left out where nothing says it. */
  readonly seconds?: readonly number[];
  /** Frames that the whole video has: counted by decoding, never read from its header. */
  readonly total: number;
  /** What a user should know of what was read, one sentence each: that a file ends early, for example. */
  readonly notes: readonly string[];
}

/** Whether a value is a video, and no picture. */
export function isVideo(value: unknown): value is Video {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "video";
}
