import { fromPlainError } from "../plain-error.js";
import type { ForwardRun } from "./engine.js";
import { type Job, takenBack } from "./jobs.js";
import type { StepCall, StepOutcome } from "./sides.js";

interface WaitingStep {
  readonly call: StepCall;
  readonly resolve: (run: ForwardRun) => void;
  readonly reject: (error: unknown) => void;
}

/** What comes between two steps of an answer takes as long as so many of its steps, so that no reader sees it stall. */
const stepsBetween = 2;

/** An answer that has got a token asks for the next one within this time, if it goes on. */
const graceMilliseconds = 5;

/**
 * Whose run is next, where steps of several answers share one: all steps that wait, then other work for as long as two steps take, and
 * so on. Without steps the other work follows one after another, in its order.
 *
 * What answers do with their tokens on this thread is done while nothing runs, or, where that would take longer than a run at
 * the least, while another half of the answers has its run: then there are two lanes.
 */
export class Turns {
  #jobs: readonly Job[] = [];
  #steps: readonly WaitingStep[] = [];
  #working = false;
  /** Of a run of steps, lately. */
  #stepMilliseconds = 0;
  #leastMilliseconds = Number.POSITIVE_INFINITY;
  #lastStep = Number.NEGATIVE_INFINITY;
  #lanes: 1 | 2 = 1;
  #nextLane = 0;

  /** @param run does steps of different caches, all at once */
  constructor(
    private readonly run: (steps: readonly StepCall[], lane: number) => Promise<readonly StepOutcome[]>,
  ) {}

  /** Milliseconds that other work may take between two steps; undefined where no answer seems to be under way. */
  get budget(): number | undefined {
    const since = performance.now() - this.#lastStep;
    const over = this.#steps.length === 0 && since > this.#stepMilliseconds + graceMilliseconds;
    return over || this.#stepMilliseconds === 0 ? undefined : stepsBetween * this.#stepMilliseconds;
  }

  /** One run of something else; a signal takes it back while it waits. */
  add<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const likely = () => undefined;
    return this.addAll(async () => ({ value: await task() }), likely, signal);
  }

  /**
   * Several runs after one another, of which the last has the result; steps may come between them. A signal takes back what has
   * not begun.
   *
   * @param likely milliseconds that the next one is going to take, where that is known
   */
  addAll<Result>(
    next: () => Promise<{ readonly value: Result } | undefined>,
    likely: Job["likely"],
    signal?: AbortSignal,
  ): Promise<Result> {
    const leave = (job: Job) => {
      this.#jobs = this.#jobs.filter((one) => one !== job);
    };
    return takenBack(next, likely, signal, leave, (job) => {
      this.#jobs = [...this.#jobs, job];
      this.#work();
    });
  }

  /** One step, with whichever others wait at its turn. */
  step(call: StepCall, signal?: AbortSignal): Promise<ForwardRun> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (!this.#steps.includes(step)) return; // begun
        this.#steps = this.#steps.filter((one) => one !== step);
        reject(signal!.reason);
      };
      const end = () => signal?.removeEventListener("abort", leave);
      const step: WaitingStep = {
        call,
        resolve: (run) => {
          end();
          resolve(run);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#steps = [...this.#steps, step];
      this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (this.#steps.length > 0 || this.#jobs.length > 0) {
      const ran = this.#steps.length > 0 ? await this.#runSteps() : 0;
      if (this.#jobs.length > 0) await this.#runJobs();
      else if (this.#isAlone(ran)) continue;
      else if (this.#lanes === 1 || this.#steps.length === 0) await this.#gather(ran);
    }
    this.#working = false;
  }

  /** Whether the last run's answer has nobody beside it that could share the next one. */
  #isAlone(ran: number): boolean {
    return ran <= 1 && this.#steps.length === 0;
  }

  /** @returns how many */
  async #runSteps(): Promise<number> {
    const [lane, steps] = this.#nextSteps();
    this.#steps = this.#steps.filter((step) => !steps.includes(step));
    const started = performance.now();
    try {
      const outcomes = await this.run(
        steps.map(({ call }) => call),
        lane,
      );
      for (const [at, outcome] of outcomes.entries()) {
        if ("run" in outcome) steps[at]!.resolve(outcome.run);
        else steps[at]!.reject(fromPlainError(outcome.error));
      }
    } catch (error) {
      for (const { reject } of steps) reject(error);
    }
    this.#lastStep = performance.now();
    const took = this.#lastStep - started;
    this.#stepMilliseconds = this.#stepMilliseconds === 0 ? took : 0.8 * this.#stepMilliseconds + 0.2 * took;
    this.#leastMilliseconds = Math.min(this.#leastMilliseconds, took);
    return steps.length;
  }

  /** Those of one lane, by turns where both have some. A cache stays in its lane, where its memory is. */
  #nextSteps(): readonly [lane: number, steps: readonly WaitingStep[]] {
    if (this.#lanes === 1) return [0, this.#steps];
    for (const lane of [this.#nextLane, 1 - this.#nextLane]) {
      const steps = this.#steps.filter(({ call }) => call.cache % 2 === lane);
      if (steps.length === 0) continue;
      this.#nextLane = 1 - lane;
      return [lane, steps];
    }
    throw new Error("no step waits");
  }

  /** Those that have got their tokens ask for the next ones within this turn of the event loop: none is to be left behind. */
  async #gather(steps: number): Promise<void> {
    const started = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    const took = performance.now() - started;
    // Two halves read the weights twice: worth it where this thread's part takes longer than that.
    if (this.#lanes === 1 && steps > 3 && took > this.#leastMilliseconds) this.#lanes = 2;
    else if (this.#lanes === 2 && took < this.#leastMilliseconds / 4) this.#lanes = 1;
  }

  /** At least one run, and more while steps' readers do not wait for long. */
  async #runJobs(): Promise<void> {
    const until = performance.now() + (this.budget ?? 0);
    for (let ran = false; this.#jobs.length > 0; ran = true) {
      const job = this.#jobs[0]!;
      const end = performance.now() + (job.likely() ?? Number.POSITIVE_INFINITY);
      if (ran && this.#steps.length > 0 && end > until) return;
      if (!(await job.turn())) this.#jobs = this.#jobs.filter((one) => one !== job);
    }
  }
}
