import { formatBytes, formatDuration } from "./format.js";
import { widthOf } from "./terminal.js";

/** One line on standard error that says what is going on, drawn over itself; only on a terminal, and not when quiet. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream | undefined;
  readonly #notes: NodeJS.WriteStream | undefined;
  #shown = "";
  #drawnAt = 0;

  constructor(
    options: { readonly quiet?: boolean | undefined },
    stream: NodeJS.WriteStream = process.stderr,
  ) {
    this.#notes = options.quiet ? undefined : stream;
    this.#stream = stream.isTTY ? this.#notes : undefined;
  }

  show(text: string): void {
    if (this.#stream === undefined || text === this.#shown) return;
    const fitting = text.slice(0, Math.max(widthOf(this.#stream) - 1, 10));
    this.#stream.write(`\r\u001B[2K${fitting}`);
    this.#shown = text;
  }

  /** A bar with share, amount, speed and time left; at most ten times a second. */
  progress(what: string, done: number, total: number, seconds: number): void {
    const now = performance.now();
    if (now - this.#drawnAt < 100 && done < total) return;
    this.#drawnAt = now;
    const share = total > 0 ? Math.min(done / total, 1) : 1;
    const bar = "#".repeat(Math.round(share * 20)).padEnd(20, "-");
    const speed = seconds > 0.5 ? done / seconds : 0;
    const rest = speed > 0 ? `  ${formatBytes(speed)}/s  ${formatDuration((total - done) / speed)} left` : "";
    this.show(
      `${what}  [${bar}] ${Math.floor(share * 100)} %  ${formatBytes(done)} of ${formatBytes(total)}${rest}`,
    );
  }

  /** One sentence that stays, on a terminal or not. */
  note(text: string): void {
    this.clear();
    this.#notes?.write(`Note: ${text}\n`);
  }

  clear(): void {
    if (this.#shown === "") return;
    this.#stream?.write("\r\u001B[2K");
    this.#shown = "";
  }
}
