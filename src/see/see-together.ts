import type { MergePlan } from "../reduce/plan.js";
import type { Reducer } from "../reduce/reducer.js";
import { rowRoom } from "../reduce/row-room.js";
import type { Signals } from "../reduce/signals.js";
import { insideSites, type Sites } from "../reduce/sites.js";
import { stackFrames } from "../reduce/stack-frames.js";
import type { Matrix } from "../tensor/matrix.js";
import { stackRows } from "./arrange-rows.js";
import { rowViews } from "./row-views.js";
import { type ReadRegion, readRegion, rowsOfPlan, type Seeing } from "./see-region.js";

/** What became of all frames of a video at once. */
export interface SeenTogether {
  readonly embeddings: Matrix;
  /** Over the sites of all frames. */
  readonly plan: MergePlan;
  readonly signals: readonly (Signals | undefined)[];
  /** [D], the separator, where it is wanted. */
  readonly newline: Float32Array | undefined;
}

/**
 * Reduces all frames of a video with one plan.
 *
 * @param fixed rows that the language model gets beside the plan's
 */
export async function seeTogether(
  sites: Sites,
  views: readonly Seeing[],
  reducer: Reducer,
  fixed: number,
  wantSignals: boolean,
): Promise<SeenTogether> {
  const read: ReadRegion[] = [];
  for (const view of views) read.push(await readRegion(view, reducer, wantSignals));
  const all = stackFrames(read.map((one) => one.read));
  const own = reducer.plan(all, rowRoom(reducer, all.patches.rows, fixed));
  const shown = sites.regions.map((region) => insideSites(region));
  const plan = inTimeOrder(
    overSites(own, Int32Array.from(shown.flatMap((part) => [...part])), sites),
    sites,
    own,
  );
  // Rows that are mixed as they are may hold more than what is compared of them: those of earlier layers.
  const rows = (views[0]!.mixed ? undefined : all.projected) ?? stackRows(read.map(({ rows: own }) => own));
  return {
    embeddings: await rowsOfPlan(views[0]!, plan.own, rows, all),
    plan: plan.sites,
    signals: wantSignals ? read.map(({ signals }) => signals) : [],
    newline: read[0]!.newline,
  };
}

/** A plan over the patches that show the video as one over all of its sites. */
function overSites(plan: MergePlan, shown: Int32Array, { count }: Sites): MergePlan {
  const site = (patch: number) => (patch < 0 ? patch : shown[patch]!);
  return {
    ...plan,
    patches: count,
    keptPatches: plan.keptPatches.map(site),
    columns: plan.columns.map(site),
  };
}

/** Two forms of a plan with their rows frame by frame, as they were within each; rows on no patch last. */
function inTimeOrder(plan: MergePlan, sites: Sites, own: MergePlan): { sites: MergePlan; own: MergePlan } {
  const views = rowViews(plan, sites);
  const time = (row: number) => (plan.keptPatches[row]! < 0 ? sites.regions.length : views[row]!);
  const rows = Array.from(views.keys()).sort((a, b) => time(a) - time(b) || a - b);
  return { sites: reordered(plan, rows), own: reordered(own, rows) };
}

function reordered(
  { patches, keptPatches, offsets, columns, weights }: MergePlan,
  rows: readonly number[],
): MergePlan {
  const entries = rows.flatMap((row) =>
    Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, at) => offsets[row]! + at),
  );
  const ends = new Int32Array(rows.length + 1);
  rows.forEach((row, at) => {
    ends[at + 1] = ends[at]! + offsets[row + 1]! - offsets[row]!;
  });
  return {
    patches,
    keptPatches: Int32Array.from(rows, (row) => keptPatches[row]!),
    offsets: ends,
    columns: Int32Array.from(entries, (entry) => columns[entry]!),
    weights: Float32Array.from(entries, (entry) => weights[entry]!),
  };
}
