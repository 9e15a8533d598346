import { PrumergeError } from "prumerge/reduce";

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

/**
 * A case's result, whatever its replay throws: one case must not keep the others of its folder from being replayed. Signals that
 * are not finite are refused by their name, which is ours to define; anything else that is thrown is a miss.
 */
export function guarded(name: string, replay: () => CaseResult): CaseResult {
  try {
    return replay();
  } catch (error) {
    return thrown(name, error);
  }
}

/** {@link guarded} for a replay that takes its time. */
export async function guardedLater(name: string, replay: () => Promise<CaseResult>): Promise<CaseResult> {
  try {
    return await replay();
  } catch (error) {
    return thrown(name, error);
  }
}

function thrown(name: string, error: unknown): CaseResult {
  const refused =
    PrumergeError.isInstance(error) &&
    error.code === "INVALID_TENSOR" &&
    error.details.expected === "finite numbers";
  const detail = error instanceof Error ? error.message : String(error);
  return { name, outcome: refused ? "defined by us" : "missed", detail };
}
