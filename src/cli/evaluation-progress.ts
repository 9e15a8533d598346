import type { JournalRecord } from "../eval/run/run-folder.js";
import { formatCount, formatDuration } from "./format.js";
import type { StatusLine } from "./status-line.js";

/** Milliseconds between two drawings on a terminal, and between two lines elsewhere. */
const redraw = 100;
const report = 30_000;

/** Counts the answers of a run and says how it goes: a bar on a terminal, a line every half minute elsewhere. */
export class EvaluationProgress {
  #total = 0;
  #known = 0;
  #done = 0;
  #failed = 0;
  #tokens = 0;
  #pictures = 0;
  #began = performance.now();
  #shown = 0;

  constructor(
    readonly status: StatusLine,
    readonly options: { readonly quiet: boolean; readonly stream?: NodeJS.WriteStream },
  ) {}

  picture(task: string, done: number, total: number): void {
    if (this.#due(redraw)) this.status.show(`Reading the pictures of ${task}: ${done} of ${total}`);
  }

  begin(total: number, known: number): void {
    this.#total = total;
    this.#known = known;
    this.#began = performance.now();
    this.#shown = this.#began;
    this.status.clear();
  }

  record(record: JournalRecord): void {
    this.#done++;
    if (record.kind === "failure") this.#failed++;
    else if (record.picture !== null) {
      this.#tokens += record.visualTokens;
      this.#pictures++;
    }
    const { stream = process.stderr } = this.options;
    if (stream.isTTY) {
      if (this.#due(redraw)) this.status.show(this.#line(`${record.task} ${record.configuration}`));
    } else if (!this.options.quiet && this.#due(report)) {
      stream.write(`${this.#line(`${record.task} ${record.configuration}`)}\n`);
    }
  }

  #due(interval: number): boolean {
    const now = performance.now();
    if (now - this.#shown < interval) return false;
    this.#shown = now;
    return true;
  }

  #line(what: string): string {
    const done = this.#known + this.#done;
    const share = this.#total > 0 ? done / this.#total : 1;
    const rate = this.#done / Math.max((performance.now() - this.#began) / 1000, 1e-3);
    const bar = "#".repeat(Math.round(share * 20)).padEnd(20, "-");
    const parts = [
      `${what}  [${bar}] ${Math.floor(share * 100)} %`,
      `${formatCount(done)} of ${formatCount(this.#total)}`,
      `${rate.toPrecision(3)}/s`,
      `${formatDuration((this.#total - done) / Math.max(rate, 1e-9))} left`,
      ...(this.#pictures > 0 ? [`${(this.#tokens / this.#pictures).toFixed(1)} visual tokens`] : []),
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
    ];
    return parts.join("  ");
  }
}
