import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/picture.js";
import { checkCount, checkFrame, checkSeconds, checkTaken } from "../../video/limits.js";
import { chooseFrames, type FrameSampling } from "../../video/sampling.js";
import type { VideoFrames } from "../../video/video.js";
import type { ClipFile } from "./clip-file.js";
import { decodeFrames } from "./decode-frames.js";
import { frameToPicture, visibleSize } from "./frame-picture.js";

/** When a clip's frames are shown, microseconds, ascending. */
interface Listed {
  readonly times: readonly number[];
  /** Average frames per second, where something says it. */
  readonly rate: number | undefined;
}

/**
 * The frames that a sampling names. Their number is that of the file's packets; where one that is named cannot be decoded, or
 * packets may hold frames that are never shown, all are decoded to count them, as ffmpeg does it in Node.
 *
 * @throws PrumergeError INVALID_VIDEO where nothing can be decoded, LIMIT_EXCEEDED, ABORTED; INVALID_OPTION of the sampling
 */
export async function readClip(clip: ClipFile, sampling: FrameSampling): Promise<VideoFrames> {
  const listed = await listPackets(clip);
  if (listed.times.length > 0 && clip.codec !== "vp8") {
    const read = await takeFrames(clip, sampling, listed);
    if (read !== undefined) return { ...read, notes: [] };
  }
  const shown = await countFrames(clip, listed.rate);
  if (shown.times.length === 0) throw nothingDecoded(clip.where);
  const read = await takeFrames(clip, sampling, shown);
  if (read === undefined) throw nothingDecoded(clip.where);
  const [promised, total] = [listed.times.length, shown.times.length];
  const damaged = total < promised && clip.codec !== "vp8";
  return { ...read, notes: damaged ? [damageNote(total, promised)] : [] };
}

async function listPackets({ media, track, limits, where, deadline }: ClipFile): Promise<Listed> {
  const times: number[] = [];
  let length = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const packets = new media.EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  for await (const { microsecondTimestamp: time, duration } of packets) {
    deadline.check();
    times.push(time);
    checkCount(times.length, limits, where);
    [least, most, length] = [Math.min(least, time), Math.max(most, time), duration];
    checkSeconds((most - least) / 1e6, limits, where);
  }
  times.sort((a, b) => a - b);
  return { times, rate: rateOf(times) ?? (length > 0 ? 1 / length : undefined) };
}

/** By decoding all of them, none of which is kept. */
async function countFrames(clip: ClipFile, usualRate: number | undefined): Promise<Listed> {
  const times: number[] = [];
  await decodeFrames(clip, undefined, (frame) => {
    times.push(frame.timestamp);
    checkCount(times.length, clip.limits, clip.where);
  });
  times.sort((a, b) => a - b);
  return { times, rate: rateOf(times) ?? usualRate };
}

/** @returns undefined where one of the frames cannot be decoded */
async function takeFrames(
  clip: ClipFile,
  sampling: FrameSampling,
  { times, rate }: Listed,
): Promise<Omit<VideoFrames, "notes"> | undefined> {
  const total = times.length;
  const { limits, where } = clip;
  const indices = chooseFrames(sampling, { total, ...(rate !== undefined && { rate }) });
  const asked = new Set(indices.map((index) => times[index]!));
  // The last one is decoded in any case: a file that ends early is told by it.
  const last = times[total - 1]!;
  const wanted = [...new Set([...asked, last])].sort((a, b) => a - b);
  const taken = new Map<number, Picture>();
  let ends = false;
  await decodeFrames(clip, wanted, async (frame) => {
    const { width, height } = visibleSize(frame);
    checkFrame(width, height, limits, where);
    ends ||= frame.timestamp === last;
    if (!asked.has(frame.timestamp) || taken.has(frame.timestamp)) return;
    checkTaken(asked.size, width, height, limits, where);
    const picture = await frameToPicture(frame, clip.turn);
    const [first = picture] = taken.values();
    refuseOtherSize(picture, first, where);
    taken.set(frame.timestamp, picture);
  });
  if (taken.size < asked.size || !ends) return undefined;
  return {
    frames: indices.map((index) => taken.get(times[index]!)!),
    indices,
    seconds: indices.map((index) => (times[index]! - times[0]!) / 1e6),
    total,
  };
}

function rateOf(times: readonly number[]): number | undefined {
  const passed = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return passed > 0 ? ((times.length - 1) * 1e6) / passed : undefined;
}

function refuseOtherSize(picture: Picture, first: Picture, where: string): void {
  if (picture.width === first.width && picture.height === first.height) return;
  throw new PrumergeError("INVALID_VIDEO", "a video that changes its size in the middle", {
    where,
    expected: `${first.width} x ${first.height}, as at first`,
    found: `${picture.width} x ${picture.height}`,
    help: "Convert it first: ffmpeg -i clip.mp4 same-size.mp4.",
  });
}

function damageNote(total: number, promised: number): string {
  return `The video is damaged or ends early: ${total} of about ${promised} frames could be decoded.`;
}

function nothingDecoded(where: string): PrumergeError {
  return new PrumergeError("INVALID_VIDEO", "no frame of a video can be decoded", {
    where,
    help: "The file may be damaged or cut off: fetch it again.",
  });
}
