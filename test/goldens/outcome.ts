/**
 * `defined by us`: the official code raises there, or returns what is no selection (no patch, one twice, NaN), and ours gave
 * the documented result.
 */
export type Outcome = "passed" | "defined by us" | "not covered" | "missed";

export interface CaseResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** What differed, or why it is not covered. */
  readonly detail: string;
}

/**
 * @param recorded whether the official code gave a result to compare with
 * @param misses what differed, in words
 */
export function caseResult(name: string, recorded: boolean, misses: readonly string[]): CaseResult {
  const good = recorded ? "passed" : "defined by us";
  return { name, outcome: misses.length === 0 ? good : "missed", detail: misses.join("; ") };
}

/** Where the reduction was computed: by the TypeScript planner or inside the vision graph. */
export type Form = "planner" | "in-graph";
