import { pickRows } from "../reduce/inside-signals.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Sites } from "../reduce/sites.js";
import type { Matrix } from "../tensor/matrix.js";
import type { RowPlace } from "./row-place.js";
import { rowViews } from "./row-views.js";

/** Rows that stand side by side in a prompt. */
export interface RowRun {
  /** [R, D] */
  readonly embeddings: Matrix;
  /** As `VisualTokens` has it, of these rows. */
  readonly place?: RowPlace;
  /** [R], what each row's key adds to attention; left out where that is nothing. */
  readonly bias?: Float32Array;
}

/** A picture in a prompt whose views stand between texts of the model's. */
export interface PartedRows {
  /** Before each region's rows and after the last. They are tokenised as a part of the prompt, and stay whatever is left out. */
  readonly texts: readonly string[];
  /** Of each region in its order, those that gave no row too. */
  readonly runs: readonly RowRun[];
}

/**
 * A picture's rows, parted by the region that each stands on.
 *
 * @param original whether the places are the sites' own, so that each run takes as many positions as its region has sites;
 *   else they are one after another, and the last run takes those of what was left out
 */
export function partRows(
  { embeddings, place, bias }: RowRun,
  plan: MergePlan,
  sites: Sites,
  texts: readonly string[],
  original: boolean,
): PartedRows {
  const { count, regions } = sites;
  const regionOf = rowViews(plan, sites);
  const rowsOf = regions.map((_, region) =>
    Array.from(regionOf.keys()).filter((row) => regionOf[row] === region),
  );
  const ends = original
    ? [...regions.slice(1).map(({ first }) => first), count]
    : rowsOf.map((_, at) => rowsOf.slice(0, at + 1).flat().length);
  const runs = rowsOf.map((own, region): RowRun => {
    const start = ends[region - 1] ?? 0;
    const end = region === regions.length - 1 ? (place?.advance ?? 0) : ends[region]!;
    return {
      embeddings: pickRows(embeddings, own),
      ...(place && {
        place: { at: Int32Array.from(own, (row) => place.at[row]! - start), advance: end - start },
      }),
      ...(bias && { bias: Float32Array.from(own, (row) => bias[row]!) }),
    };
  });
  return { texts, runs };
}
