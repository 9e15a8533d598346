/**
 * How frames are chosen of a video of n, by number and not by time. `linspace`: k points from the first frame to the last, both
 * among them, cut to whole numbers. `arange`: every n/k-th from the first, cut to whole numbers, each frame once, so that a
 * shorter video gives fewer than k.
 */
export type SamplingRule = "linspace" | "arange";

/** Which frames a model takes of a video. */
export interface FrameSampling {
  readonly rule: SamplingRule;
  /** How many, at least 1. */
  readonly count: number;
}
