import { PrumergeError } from "../errors.js";
import { frameRules, halfToEven, type SamplingRule } from "./frame-rules.js";

export type { SamplingRule };

/** Which frames of a video a model is shown. */
export interface FrameSampling {
  readonly rule: SamplingRule;
  /** How many frames; with {@link fps} the most that there may be. 1 .. 4096 */
  readonly count: number;
  /** Frames for each second of the video, in place of a fixed number; `every` needs it. More than 0. */
  readonly fps?: number;
  /** With {@link fps}: the fewest frames, where the video has as many. Default 1. */
  readonly minimum?: number;
  /**
   * The number of frames is a multiple of this: nearest to {@link count}, or with {@link fps} the one below, but 1 where that
   * would be none. Default 1.
   */
  readonly multiple?: number;
  /** A frame that the rule names more than once is shown once, as by readers that go through a video once. Default false. */
  readonly once?: boolean;
}

/** How long a video is. */
export interface VideoLength {
  /** Frames that it has. */
  readonly total: number;
  /** Their average rate per second, where something says it. */
  readonly rate?: number;
}

/** The names of all rules, for options. */
export const samplingRules = Object.keys(frameRules) as readonly SamplingRule[];

/** More than any model's own number; each is a whole picture in memory. */
export const mostFrames = 4096;

/**
 * The frames that a rule takes of a video, from 0, ascending. A rule may name one twice where the video is short.
 *
 * @param count 1 .. 4096
 * @param total frames that the video has, at least 1
 * @throws PrumergeError INVALID_OPTION for an unknown rule, for counts out of range, and where the rule is not defined for a
 * video with fewer frames
 */
export function sampleFrames(rule: SamplingRule, count: number, total: number): number[] {
  const choose = ruleOf(rule);
  checkWhole("count", count, 1, mostFrames);
  checkWhole("total", total, 1, Number.MAX_SAFE_INTEGER);
  return choose(count, total);
}

/**
 * The frames that a sampling takes of a video: {@link sampleFrames} after the number of frames is known.
 *
 * @throws PrumergeError INVALID_OPTION as {@link sampleFrames}, and where frames per second are asked of a video whose rate
 * nothing tells
 */
export function chooseFrames(sampling: FrameSampling, { total, rate }: VideoLength): number[] {
  checkSampling(sampling);
  const { rule, count, fps, once = false } = sampling;
  const chosen =
    fps === undefined
      ? sampleFrames(rule, nearestMultiple(count, sampling.multiple), total)
      : atRate(sampling, fps, total, knownRate(rate));
  return once ? [...new Set(chosen)] : chosen;
}

/** Refuses a sampling that names no frames, before a video is read. */
export function checkSampling({ rule, count, fps, minimum = 1, multiple = 1 }: FrameSampling): void {
  ruleOf(rule);
  checkWhole("count", count, 1, mostFrames);
  checkWhole("minimum", minimum, 1, count);
  checkWhole("multiple", multiple, 1, mostFrames);
  if (fps === undefined && rule !== "every") return;
  if (typeof fps === "number" && fps > 0 && Number.isFinite(fps)) return;
  throw new PrumergeError("INVALID_OPTION", "frames per second that cannot be", {
    where: "sampling fps",
    expected: rule === "every" ? "more than 0, which this rule needs" : "more than 0",
    found: String(fps),
  });
}

function atRate(
  { rule, count, minimum = 1, multiple = 1 }: FrameSampling,
  fps: number,
  total: number,
  rate: number,
) {
  if (rule === "every") {
    const step = Math.max(1, halfToEven(rate / fps));
    const frames = Math.ceil(total / step);
    if (frames > count) return sampleFrames("linspace", count, total);
    return Array.from({ length: frames }, (_, at) => at * step);
  }
  const wanted = (total / rate) * fps;
  const most = below(Math.min(count, total), multiple);
  const frames = below(Math.min(Math.max(wanted, minimum), most, total), multiple);
  return sampleFrames(rule, Math.max(1, frames), total);
}

function below(value: number, multiple: number): number {
  return Math.floor(value / multiple) * multiple;
}

function nearestMultiple(count: number, multiple = 1): number {
  return Math.max(1, halfToEven(count / multiple) * multiple);
}

function knownRate(rate: number | undefined): number {
  if (rate !== undefined && rate > 0) return rate;
  throw new PrumergeError("INVALID_OPTION", "frames per second of a video whose own rate nothing tells", {
    where: "sampling",
    expected: "a number of frames",
    found: "fps",
    help: "Give a number of frames in place of frames per second.",
  });
}

function ruleOf(rule: SamplingRule): (count: number, total: number) => number[] {
  if (Object.hasOwn(frameRules, rule)) return frameRules[rule];
  throw new PrumergeError("INVALID_OPTION", "unknown rule for choosing frames", {
    where: "sampling",
    expected: `one of ${samplingRules.join(", ")}`,
    found: JSON.stringify(rule),
  });
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new PrumergeError("INVALID_OPTION", "frames of a video cannot be chosen so", {
    where: `sampling ${name}`,
    expected:
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number from ${least}`
        : `a whole number, ${least} to ${most}`,
    found: String(value),
  });
}
