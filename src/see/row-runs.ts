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
  /** What a prompt has on either side of the picture's place, in whose place {@link texts} stand. Left out: nothing. */
  readonly beside?: readonly [before: string, after: string];
}

/** Where regions begin whose sites take one position each. */
export function siteStarts({ regions }: Pick<Sites, "regions">): number[] {
  return regions.map(({ first }) => first);
}

/**
 * A picture's rows, parted by the region that each stands on.
 *
 * @param starts where the places are the sites' own, where each region begins among them, {@link siteStarts} where a site takes one
 *   position: each run then goes on to the next one's; else places are one after another, and the last run takes those of what
 *   was left out
 */
export function partRows(
  { embeddings, place, bias }: RowRun,
  plan: MergePlan,
  sites: Sites,
  texts: readonly string[],
  starts: readonly number[] | undefined,
): PartedRows {
  const { regions } = sites;
  const regionOf = rowViews(plan, sites);
  const rowsOf = regions.map((_, region) =>
    Array.from(regionOf.keys()).filter((row) => regionOf[row] === region),
  );
  const ends = starts?.slice(1) ?? rowsOf.map((_, at) => rowsOf.slice(0, at + 1).flat().length);
  const runs = rowsOf.map((own, region): RowRun => {
    const start = ends[region - 1] ?? 0;
    const end = region === regions.length - 1 ? (place?.advance ?? 0) : ends[region]!;
    const from = (axis: Int32Array) => Int32Array.from(own, (row) => axis[row]! - start);
    return {
      embeddings: pickRows(embeddings, own),
      ...(place && {
        place: {
          at: from(place.at),
          ...(place.rows && { rows: from(place.rows) }),
          ...(place.columns && { columns: from(place.columns) }),
          advance: end - start,
        },
      }),
      ...(bias && { bias: Float32Array.from(own, (row) => bias[row]!) }),
    };
  });
  return { texts, runs };
}
