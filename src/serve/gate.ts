import { ApiError } from "./http/api-error.js";

/** The right to work on one request. */
export interface Slot {
  /** How long it was waited for, milliseconds. */
  readonly waited: number;
  /** Gives the slot to the next in line; more than once does nothing. */
  release(): void;
}

interface Waiter {
  readonly grant: () => void;
}

/**
 * Lets a limited number of requests work at the same time, and a limited number wait for that in the order in which they
 * came. What they do takes turns step by step, see {@link ServerLimits.running}.
 */
export class Gate {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiters = new Set<Waiter>();
  #running = 0;
  /** Smoothed milliseconds for which a slot is held. */
  #held = 1000;

  constructor(running: number, waiting: number) {
    this.#most = running;
    this.#mostWaiting = waiting;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * @throws ApiError 429 where too many wait already; the signal's reason where it fires first
   */
  acquire(signal: AbortSignal): Promise<Slot> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const start = performance.now();
    if (this.#running < this.#most) return Promise.resolve(this.#take(start));
    if (this.#waiters.size >= this.#mostWaiting) return Promise.reject(this.#full());
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener("abort", leave);
          resolve(this.#take(start));
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** Whole seconds after which a slot is likely to be free for one more. */
  retryAfter(): number {
    const milliseconds = (this.#held * (this.#waiters.size + 1)) / this.#most;
    return Math.min(60, Math.max(1, Math.ceil(milliseconds / 1000)));
  }

  #take(start: number): Slot {
    this.#running++;
    const taken = performance.now();
    let held = true;
    return {
      waited: taken - start,
      release: () => {
        if (!held) return;
        held = false;
        this.#release(performance.now() - taken);
      },
    };
  }

  #release(milliseconds: number): void {
    this.#held = 0.9 * this.#held + 0.1 * milliseconds;
    this.#running--;
    const [next] = this.#waiters;
    if (next === undefined) return;
    this.#waiters.delete(next);
    next.grant();
  }

  #full(): ApiError {
    return new ApiError(429, "The server is busy: too many requests wait already. Try again later.", {
      type: "rate_limit_error",
      code: "server_busy",
      headers: { "Retry-After": String(this.retryAfter()) },
    });
  }
}
