import { PrumergeError } from "../errors.js";

/**
 * Ends an answer at the first of several strings, wherever token borders fall. Text that may still become a stop string
 * is held back; the stop string itself, and what follows it, are never handed out.
 */
export class StopStrings {
  readonly #strings: readonly string[];
  #held = "";

  /** @throws PrumergeError INVALID_OPTION for an empty stop string, or no list of strings */
  constructor(strings: readonly string[]) {
    if (!Array.isArray(strings) || strings.some((string) => typeof string !== "string")) {
      throw new PrumergeError("INVALID_OPTION", "not a list of strings", {
        where: "stop",
        expected: '["."]',
      });
    }
    if (strings.some((string) => string === "")) {
      throw new PrumergeError("INVALID_OPTION", "an empty stop string would stop at once", { where: "stop" });
    }
    this.#strings = strings;
  }

  /** The text to hand out now, and whether a stop string ended the answer. */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    const all = this.#held + text;
    const starts = this.#strings.map((string) => all.indexOf(string)).filter((at) => at >= 0);
    if (starts.length > 0) {
      this.#held = "";
      return { text: all.slice(0, Math.min(...starts)), stopped: true };
    }
    const heldLength = Math.max(0, ...this.#strings.map((string) => overlap(all, string)));
    this.#held = all.slice(all.length - heldLength);
    return { text: all.slice(0, all.length - heldLength), stopped: false };
  }

  /** What was held back, when the answer ended without a stop string. */
  flush(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Length of the longest end of `text` with which `string` begins. */
function overlap(text: string, string: string): number {
  for (let length = Math.min(text.length, string.length - 1); length > 0; length--) {
    if (text.endsWith(string.slice(0, length))) return length;
  }
  return 0;
}
