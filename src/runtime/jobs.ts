/** Something that takes turns: one run, or one of several after another. */
export interface Job {
  /** Its next run; true where there are more. */
  turn(): Promise<boolean>;
  /** Milliseconds that the next run is likely to take; undefined where nobody knows. */
  likely(): number | undefined;
}

/**
 * A job that a signal takes back while it waits: it then fails at once with the signal's reason. A run that has begun is finished.
 *
 * @param next its next run, which has the result where it is the last
 * @param leave takes the job off the list
 * @param enter puts it there
 */
export function takenBack<Result>(
  next: () => Promise<{ readonly value: Result } | undefined>,
  likely: Job["likely"],
  signal: AbortSignal | undefined,
  leave: (job: Job) => void,
  enter: (job: Job) => void,
): Promise<Result> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let running = false;
    const giveUp = () => {
      if (running) return;
      leave(job);
      reject(signal!.reason);
    };
    const turn = async (): Promise<boolean> => {
      running = true;
      try {
        const done = await next();
        if (done === undefined) {
          signal?.throwIfAborted(); // while it ran
          return true;
        }
        resolve(done.value);
      } catch (error) {
        reject(error);
      } finally {
        running = false;
      }
      signal?.removeEventListener("abort", giveUp);
      return false;
    };
    const job: Job = { likely, turn };
    signal?.addEventListener("abort", giveUp, { once: true });
    enter(job);
  });
}
