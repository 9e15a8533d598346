/** One measured quantity of a bench. */
export interface BenchResult {
  readonly name: string;
  /** Median over the repetitions, or the ratio of two medians. */
  readonly median: number;
  /** `ms`, `ratio`, `MB/s`, `MB`, ... */
  readonly unit: string;
  /** What was measured against what, repetitions, spread. */
  readonly notes: string;
}
