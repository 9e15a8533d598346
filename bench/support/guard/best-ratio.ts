import { processorTime } from "../processor-time.js";

/** A piece of work, and what is taken of it. */
export type Work = () => unknown;

/** Milliseconds: of processor time, which other programs hardly disturb, or of the clock, which waits are part of. */
export type Clock = (work: Work) => Promise<number>;

export const processor: Clock = processorTime;

export async function elapsed(work: Work): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export interface Tries {
  /** Runs of each in a try, in turns; the fastest count. Default 3. */
  readonly runs?: number;
  /** Tries at most, default 6: the lowest ratio counts. */
  readonly most?: number;
  /** A ratio that is low enough to stop at, default 0: every try is made. */
  readonly enough?: number;
  readonly clock?: Clock;
}

/**
 * How many times as long one piece of work takes as another, at best. Each is run once before, which opens and warms.
 *
 * Whatever disturbs a run makes it longer, so that the fastest of several is nearest to what the work takes; a try in which one of
 * the two was never undisturbed is made up for by the next.
 */
export async function bestRatio(ours: Work, bare: Work, tries: Tries = {}): Promise<number> {
  const { runs = 3, most = 6, enough = 0, clock = processor } = tries;
  await ours();
  await bare();
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < most && best > enough; attempt++) {
    const times: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let run = 0; run < runs; run++) {
      times[0] = Math.min(times[0], await clock(ours));
      times[1] = Math.min(times[1], await clock(bare));
    }
    best = Math.min(best, times[0] / times[1]);
  }
  return best;
}
