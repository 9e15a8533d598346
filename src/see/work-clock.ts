/**
 * Parts time into work and waiting. What the engine says a run took is work, and so is what this thread does between runs; what is left of
 * the time from a call to its result is waiting: for its turn behind other runs, for a session to open, for this thread.
 */
export class WorkClock {
  readonly #start = performance.now();
  #waited = 0;
  /** Work that was done before this clock began. */
  #before = 0;

  /** Milliseconds of waiting so far. */
  get waited(): number {
    return this.#waited;
  }

  /** Milliseconds of work so far. */
  get worked(): number {
    return performance.now() - this.#start - this.#waited + this.#before;
  }

  /** A run of the engine: the caller has nothing to do meanwhile. A remembered one counts for what it took. */
  async during<Run extends { readonly milliseconds?: number; readonly remembered?: boolean } | undefined>(
    run: Promise<Run>,
  ): Promise<Run> {
    const asked = performance.now();
    let worked: number | undefined;
    let remembered = false;
    try {
      const done = await run;
      worked = done === undefined ? 0 : done.milliseconds; // undefined: taken back while it waited
      remembered = done?.remembered === true;
      return done;
    } finally {
      const elapsed = performance.now() - asked;
      // An engine that does not say what a run took is believed to have worked all the time.
      const waited = elapsed - (worked ?? elapsed);
      this.#waited += Math.max(0, waited);
      if (remembered) this.#before += Math.max(0, -waited);
    }
  }
}
