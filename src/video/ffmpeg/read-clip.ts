import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/picture.js";
import { checkCount, checkFrame, checkSeconds, checkTaken, type VideoLimits } from "../limits.js";
import { chooseFrames, type FrameSampling } from "../sampling.js";
import type { VideoFrames } from "../video.js";
import { frameArguments, inputArguments } from "./clip-arguments.js";
import { DecodeLog } from "./decode-log.js";
import { PpmFrames } from "./ppm-frames.js";
import { refuseUndecoded } from "./refuse-undecoded.js";
import { runFfmpeg } from "./run-ffmpeg.js";

/** A file that ffmpeg decodes. */
export interface Clip {
  /** Absolute. */
  readonly path: string;
  /** What to call it in messages. */
  readonly where: string;
  readonly program: string;
  readonly limits: VideoLimits;
  readonly signal?: AbortSignal | undefined;
}

/** What one time through a clip gave. */
interface Passage {
  readonly log: DecodeLog;
  readonly pictures: ReadonlyMap<number, Picture>;
}

/**
 * Counts a clip's frames by decoding it and takes those that a sampling names. The header is believed in nothing: what it says is
 * guessed at first, so that one time through is enough where it was right, and else there is a second.
 *
 * @throws PrumergeError INVALID_VIDEO, LIMIT_EXCEEDED, ABORTED, RUNTIME; INVALID_OPTION of the sampling
 */
export async function readClip(clip: Clip, sampling: FrameSampling): Promise<VideoFrames> {
  const guessed = guess(sampling, await readHeader(clip));
  const first = await passThrough(clip, guessed ?? [], false);
  const { log } = first;
  const total = log.times.length;
  if (total === 0) throw refuseUndecoded(log, clip.where);
  const seconds = secondsOf(log.times);
  const rate = rateOf(seconds) ?? log.header.rate;
  const indices = chooseFrames(sampling, { total, ...(rate !== undefined && { rate }) });
  const wanted = [...new Set(indices)];
  const { width, height } = log.size!;
  checkTaken(wanted.length, width, height, clip.limits, clip.where);
  const has = ({ pictures }: Passage) => wanted.every((frame) => pictures.has(frame));
  const read = has(first) ? first : await passThrough(clip, wanted, true);
  if (!has(read)) {
    throw new PrumergeError("INVALID_VIDEO", "a video has other frames when it is read again", {
      where: clip.where,
      expected: `frame ${wanted.find((frame) => !read.pictures.has(frame))} of ${total}`,
      found: `${read.log.times.length} frames`,
      help: "Hand in a file that nobody is writing to.",
    });
  }
  return {
    frames: indices.map((frame) => read.pictures.get(frame)!),
    indices,
    ...(seconds && { seconds: indices.map((frame) => seconds[frame]) }),
    total,
    notes: damageNotes(log),
  };
}

/** What the header says, refused where that is too much already. */
async function readHeader({ path, where, program, limits, signal }: Clip): Promise<DecodeLog> {
  const log = new DecodeLog();
  await runFfmpeg({
    program,
    arguments: inputArguments(path, limits.maxPixels),
    where,
    maxSeconds: limits.maxDecodeSeconds,
    signal,
    onLine: (line) => log.take(line),
    onBytes: () => undefined,
  });
  const { seconds, width, height } = log.header;
  if (width === undefined || height === undefined) throw refuseUndecoded(log, where);
  checkFrame(width, height, limits, where);
  if (seconds !== undefined) checkSeconds(seconds, limits, where);
  return log;
}

/** The frames of a sampling if the header were right; nothing where it does not say how many there are, or they would be too much. */
function guess(sampling: FrameSampling, { header }: DecodeLog): number[] | undefined {
  const { seconds, rate } = header;
  if (seconds === undefined || rate === undefined) return undefined;
  const total = Math.round(seconds * rate);
  try {
    return total < 1 ? undefined : [...new Set(chooseFrames(sampling, { total, rate }))];
  } catch {
    return undefined; // refused for good only when the frames have been counted
  }
}

async function passThrough(clip: Clip, frames: readonly number[], stop: boolean): Promise<Passage> {
  const { path, where, program, limits, signal } = clip;
  for (const timing of ["now", "before"] as const) {
    const log = new DecodeLog();
    const ppm = new PpmFrames((width, height) => {
      checkFrame(width, height, limits, where);
      checkTaken(frames.length, width, height, limits, where);
    });
    const status = await runFfmpeg({
      program,
      arguments: [...inputArguments(path, limits.maxPixels), ...frameArguments(frames, stop, timing)],
      where,
      maxSeconds: limits.maxDecodeSeconds,
      signal,
      onLine(line) {
        log.take(line);
        checkLength(log, limits, where);
      },
      onBytes: (bytes) => ppm.take(bytes),
    });
    if (timing === "now" && log.complaints.some((text) => /fps_mode/.test(text))) continue;
    refuseBroken(status, log, program);
    return { log, pictures: new Map(ppm.pictures.map((picture, at) => [frames[at], picture])) };
  }
  throw new PrumergeError("RUNTIME", "this ffmpeg is too old", {
    where: program,
    expected: "ffmpeg 4.4 or later",
  });
}

/** What ends without a reason was ended: its frames are not all. */
function refuseBroken(status: number, { complained }: DecodeLog, program: string): void {
  if (status === 0 || complained > 0) return;
  throw new PrumergeError("RUNTIME", "ffmpeg ended before its work was done", {
    where: program,
    found: `exit status ${status}, and no reason in its log`,
    help: "There may have been too little memory.",
  });
}

function checkLength({ times }: DecodeLog, limits: VideoLimits, where: string): void {
  checkCount(times.length, limits, where);
  const passed = times.length === 0 ? 0 : times[times.length - 1] - times[0];
  if (passed > limits.maxSeconds) checkSeconds(passed, limits, where);
}

/** From the first frame on; nothing where some frame has no time, or they do not go forward. */
function secondsOf(times: readonly number[]): number[] | undefined {
  const seconds = times.map((time) => time - times[0]);
  return seconds.every((time, at) => time >= (seconds[at - 1] ?? 0)) ? seconds : undefined;
}

function rateOf(seconds: readonly number[] | undefined): number | undefined {
  const last = seconds?.at(-1) ?? 0;
  return seconds !== undefined && last > 0 ? (seconds.length - 1) / last : undefined;
}

function damageNotes(log: DecodeLog): string[] {
  if (log.complained === 0) return [];
  const { seconds, rate } = log.header;
  const promised = Math.round((seconds ?? 0) * (rate ?? 0));
  const total = log.times.length;
  const count = promised > total ? `${total} of about ${promised}` : `all ${total}`;
  return [
    `The video is damaged or ends early: ${count} frames could be decoded, some perhaps only in part (ffmpeg: ${log.complaints[0]}).`,
  ];
}
