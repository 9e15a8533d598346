import type { JudgeSummary } from "../judge/judge-summary.js";
import type { Run } from "../run/run-folder.js";
import type { Interval } from "../statistics/interval.js";
import type { ScoreInterval } from "../statistics/score-intervals.js";
import type { Column } from "./column.js";

/** A run that a report is about. */
export interface ReportRun {
  /** Absolute path. */
  readonly folder: string;
  readonly run: Run;
}

/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval | undefined;
}

/** A paired difference, and how easily chance alone brings one as large. */
export interface DifferenceEstimate extends Estimate {
  /** Two-sided p-value of the same statistic that the interval is made of. */
  readonly p: number;
  /** The same corrected for all differences of the report, by Holm's method. */
  readonly corrected: number;
}

/** Mean over columns that differ in their seed alone, their standard deviation (of a sample), the lowest and the highest. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

/** What several seeds of one method at one budget gave on one task. */
export interface SeedSpread {
  /** Without a seed. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly visualTokens: number;
  readonly headline: Spread;
  /** Percent of the unreduced headline; undefined without one. */
  readonly retention: Spread | undefined;
}

/** Where the milliseconds of a column went, means over questions; and what it held in memory. */
export interface Spending {
  /** First questions about a picture: the whole prompt, picture included. */
  readonly prepare: number;
  readonly encode: number;
  /** From the encoded picture to the first token. */
  readonly firstToken: number;
  /** From the first token to the last. */
  readonly rest: number;
  /** Answers a second, one after the other, pictures shared between their questions. */
  readonly answersPerSecond: number;
  readonly newTokens: number;
  readonly keyValueBytes: number;
  /** Most resident memory of the answering process after an answer. */
  readonly residentBytes: number;
}

/** One way of answering, on one task. */
export interface TaskColumn {
  readonly column: Column;
  /** Mean visual tokens of the questions with a picture. */
  readonly visualTokens: number;
  readonly failed: number;
  readonly headline: ScoreInterval;
  /** All scores, in the task's order. */
  readonly scores: readonly ScoreInterval[];
  /** Headline over that of the unreduced model, percent; undefined without one. */
  readonly retention: Estimate | undefined;
  /**
   * Headline less that of the unreduced model, and of the baselines at the same count, question by question; by the
   * other's method.
   */
  readonly differences: Readonly<Record<string, DifferenceEstimate>>;
  /** Share of right units, percent, of those that hang on small things and of the others, where the data tells. */
  readonly detail: { readonly small: CountedEstimate; readonly other: CountedEstimate } | undefined;
  /** Undefined where no question had a picture and was answered. */
  readonly spending: Spending | undefined;
}

export interface CountedEstimate extends Estimate {
  /** Units. */
  readonly count: number;
}

export interface ReportTask {
  readonly name: string;
  readonly title: string;
  /** The headline in words. */
  readonly measure: string;
  /** Rules that were chosen, `name=value`. */
  readonly rules: readonly string[];
  /** Questions that every column has answered, and those of the whole task. */
  readonly questions: number;
  readonly available: number;
  readonly unit: ScoreInterval["unit"];
  readonly columns: readonly TaskColumn[];
  /** Where a method was run with several seeds. */
  readonly seeds: readonly SeedSpread[];
}

/** Mean over the tasks of what is kept of the unreduced model's headline, percent. */
export interface MeanRetention extends Estimate {
  readonly column: Column;
  readonly visualTokens: number;
  readonly tasks: number;
}

/** How many visual tokens a column's pictures got, one entry a picture. */
export interface KeptTokens {
  readonly column: Column;
  readonly counts: readonly number[];
  /** Against the picture's complexity, for the pictures that were measured. */
  readonly measured: readonly { readonly complexity: number; readonly tokens: number }[];
  /** Spearman's rank correlation of tokens and complexity; undefined for fewer than three or all equal. */
  readonly correlation: number | undefined;
}

/** A question that two columns answered differently well. */
export interface Difference {
  readonly task: string;
  readonly id: string;
  readonly question: string;
  readonly detail: boolean | undefined;
  /** The picture with its overlay, ready to draw; undefined for a question without one. */
  readonly figure: DifferenceFigure | undefined;
  readonly answers: readonly [first: DifferingAnswer, second: DifferingAnswer];
}

export interface DifferingAnswer {
  readonly text: string;
  /** Credit of the unit, 0 to 1. */
  readonly credit: number;
  readonly visualTokens: number;
}

/** SVG of a picture, in drawing units of its own. */
export interface DifferenceFigure {
  readonly name: string;
  readonly viewBox: string;
  /** The picture itself, embedded. */
  readonly picture: string;
  /** What the second column's visual tokens stand on, to lie on the picture; undefined where that is not known. */
  readonly overlay: string | undefined;
}

/** Two columns question by question. */
export interface Comparison {
  readonly columns: readonly [first: Column, second: Column];
  /** Units that one of the two answered better, by task. */
  readonly tally: readonly {
    readonly task: string;
    readonly lost: number;
    readonly gained: number;
    readonly units: number;
  }[];
  readonly examples: readonly Difference[];
}

/** What one judge says of a column's answers to one task. It is no score, and no official number. */
export interface JudgedFigure {
  /** Title. */
  readonly task: string;
  readonly column: Column;
  /** Answers that there are; `summary.answers` of them have a judgement, failed ones included. */
  readonly answered: number;
  readonly summary: Omit<JudgeSummary, "cost">;
}

/** Everything that a report says. */
export interface ReportData {
  /** How many differences p-values were corrected for. */
  readonly comparisons: number;
  readonly runs: readonly ReportRun[];
  readonly tasks: readonly ReportTask[];
  readonly retention: readonly MeanRetention[];
  readonly kept: readonly KeptTokens[];
  readonly comparison: Comparison | undefined;
  /** By task, judge and column; empty where no judge was asked. */
  readonly judged: readonly JudgedFigure[];
  /** What a reader has to know: unfinished runs, missing baselines. */
  readonly notes: readonly string[];
}
