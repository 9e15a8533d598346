import { PrumergeError } from "../errors.js";

type FrameRule = (count: number, total: number) => number[];

/**
 * Which frames of a video programs take: `count` of `total`, both at least 1, from 0. Each is the arithmetic of one program to
 * the bit, so that a video gives the frames that it gives there.
 */
export const frameRules = {
  /** First, last and what lies evenly between, cut off: Video-LLaVA, LLaVA-OneVision. Short videos repeat frames. numpy.linspace */
  linspace: (count, total) => evenly(count, total).map(Math.trunc),
  /** The same in single precision, as PyTorch counts from both ends: PyTorchVideo. torch.linspace */
  "linspace-float32": evenlyInSingle,
  /** The same rounded, half to even: Qwen3-VL. numpy.linspace */
  "linspace-rounded": (count, total) => evenly(count, total).map(halfToEven),
  /** `linspace` of at most as many as there are, each once: lmms-eval. */
  "linspace-distinct": (count, total) => [...new Set(evenly(Math.min(count, total), total).map(Math.trunc))],
  /** Steps of total / count from the first, cut off; never the last: transformers' examples for Video-LLaVA. numpy.arange */
  arange: (count, total) => stepping(count, total).map(Math.trunc),
  /** The same rounded to single precision first: transformers' Qwen2-VL. torch.arange */
  "arange-float32": (count, total) => {
    refuseShort("arange-float32", count, total);
    return stepping(count, total).map((at) => Math.trunc(Math.fround(at)));
  },
  /** The same in whole numbers, and no more than there are: transformers' video processors. */
  floor: (count, total) => {
    refuseShort("floor", count, total);
    return Array.from({ length: count }, (_, at) => Math.floor((at * total) / count));
  },
  /** The middle of each of `count` segments, at most as many as there are frames: Video-ChatGPT. */
  segments: middles,
  /** Every so many frames from the first, and `linspace` where that were too many: LLaVA-NeXT's training. By frames per second. */
  every: (count, total) => {
    if (total <= count) return Array.from({ length: total }, (_, at) => at);
    return evenly(count, total).map(Math.trunc);
  },
} satisfies Record<string, FrameRule>;

export type SamplingRule = keyof typeof frameRules;

/** numpy.linspace(0, total - 1, count). */
function evenly(count: number, total: number): number[] {
  const last = total - 1;
  const step = last / (count - 1);
  return Array.from({ length: count }, (_, at) => (at === 0 ? 0 : at === count - 1 ? last : at * step));
}

function evenlyInSingle(count: number, total: number): number[] {
  if (count === 1) return [0];
  const last = Math.fround(total - 1);
  const step = Math.fround(last / (count - 1));
  return Array.from({ length: count }, (_, at) => {
    const fromEnd = at >= count / 2;
    const value = Math.fround(fromEnd ? last - step * (count - at - 1) : step * at);
    return Math.trunc(Math.min(Math.max(value, 0), last));
  });
}

/** numpy.arange(0, total, total / count). */
function stepping(count: number, total: number): number[] {
  const step = total / count;
  return Array.from({ length: Math.ceil(total / step) }, (_, at) => at * step);
}

function middles(count: number, total: number): number[] {
  const segments = Math.min(count, total);
  const size = (total - 1) / segments;
  const edge = (at: number) => halfToEven(size * at);
  return Array.from({ length: segments }, (_, at) => Math.floor((edge(at) + edge(at + 1)) / 2));
}

/** Python's and numpy's rounding. */
export function halfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function refuseShort(rule: string, count: number, total: number): void {
  if (count <= total) return;
  throw new PrumergeError("INVALID_OPTION", "a video has fewer frames than this rule takes", {
    where: `sampling ${rule}`,
    expected: `at least ${count} frames`,
    found: String(total),
    help: "Take fewer frames, or the rule linspace, which repeats them.",
  });
}
