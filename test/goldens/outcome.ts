/** `defined by us`: the official code raises there, and ours gave the documented result. */
export type Outcome = "passed" | "defined by us" | "not covered" | "missed";

export interface CaseResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** What differed, or why it is not covered. */
  readonly detail: string;
}

/** Where the reduction was computed: by the TypeScript planner or inside the vision graph. */
export type Form = "planner" | "in-graph";
