import { endAtOnce } from "./interrupt.js";

const signals = ["SIGTERM", "SIGINT"] as const;

/**
 * What SIGTERM and SIGINT do to a server: while it loads they end it at once; then the first one is told, and the next one
 * ends it at once. Listened to from the start, since process 1 of a container is not ended by signals that nobody handles.
 */
export class ServerSignals {
  #tell: (() => void) | undefined;

  constructor(end: (signal: (typeof signals)[number]) => void = endAtOnce) {
    for (const signal of signals) {
      process.on(signal, () => {
        const tell = this.#tell;
        this.#tell = undefined;
        if (tell === undefined) end(signal);
        else tell();
      });
    }
  }

  /** From now on the first signal is told. */
  told(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}
