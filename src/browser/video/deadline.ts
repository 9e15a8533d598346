import { PrumergeError } from "../../errors.js";
import { tooSlow, type VideoLimits } from "../../video/limits.js";

/** Ends reading a video when the caller says so, or when its time is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** @throws PrumergeError ABORTED or LIMIT_EXCEEDED once it is reached */
  check(): void;
}

export function deadlineOf(limits: VideoLimits, where: string, signal: AbortSignal | undefined): Deadline {
  const over = AbortSignal.timeout(limits.maxDecodeSeconds * 1000);
  const either = signal === undefined ? over : AbortSignal.any([signal, over]);
  return {
    signal: either,
    check() {
      if (signal?.aborted)
        throw new PrumergeError("ABORTED", "reading a video was aborted", { cause: signal.reason });
      if (over.aborted) throw tooSlow(limits, where);
    },
  };
}
