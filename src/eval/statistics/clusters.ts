import type { Verdict } from "../task.js";

/** Verdicts by the picture that they are about. */
export interface Clusters {
  /** Cluster of each verdict, from 0. */
  readonly of: Int32Array;
  readonly count: number;
}

/** Clusters in the order in which they first come; a verdict without one is a cluster of its own. */
export function clustersOf(verdicts: readonly Verdict[]): Clusters {
  const known = new Map<unknown, number>();
  const of = Int32Array.from(verdicts, ({ cluster = {} }) => {
    const found = known.get(cluster) ?? known.size;
    known.set(cluster, found);
    return found;
  });
  return { of, count: known.size };
}
