import type { ModelSpec } from "../models/spec.js";
import { applyPlan } from "../reduce/apply-plan.js";
import { identitySettings } from "../reduce/graph-settings.js";
import { insideSignals, pickRows } from "../reduce/inside-signals.js";
import { oneHotRows } from "../reduce/one-hot.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Reducer, RowRoom } from "../reduce/reducer.js";
import type { Signals } from "../reduce/signals.js";
import { insideSites, isWhole, type Region } from "../reduce/sites.js";
import type { Engine, TowerInput, VisionRun, VisionWish } from "../runtime/engine.js";
import type { Matrix } from "../tensor/matrix.js";
import { planFromWeights } from "./graph-plan.js";
import type { WorkClock } from "./work-clock.js";

/** What of an engine is used here. */
export type SeeingEngine = Pick<Engine, "see" | "project" | "bakedTokens" | "inGraphReduction">;

/** One view, and what it is seen with. */
export interface Seeing {
  readonly engine: SeeingEngine;
  readonly spec: ModelSpec;
  readonly view: TowerInput;
  readonly region: Region;
  /** Rows of the class token before the others of the graph's. */
  readonly lead: number;
  readonly clock: WorkClock;
}

/** What became of one view. */
export interface SeenRegion {
  /** In the language model's width, the class token's row first where there is one. */
  readonly embeddings: Matrix;
  /** Over the patches that show the picture; without the class token. */
  readonly plan: MergePlan;
  readonly signals: Signals | undefined;
  readonly inGraph: boolean;
}

/** Reduces one view by a method: inside the vision graph where that can do it, else with a plan made here. */
export function reduceRegion(
  seeing: Seeing,
  reducer: Reducer,
  room: RowRoom,
  wantSignals: boolean,
): Promise<SeenRegion> {
  const { region } = seeing;
  // The graph knows of no padding.
  const settings = isWhole(region) ? reducer.graphSettings?.(region.rows * region.columns, room) : undefined;
  return settings === undefined
    ? planOutside(seeing, reducer, room)
    : reduceInGraph(seeing, settings, wantSignals);
}

/** Every patch that shows the picture, in raster order. */
export async function keepRegion(seeing: Seeing, wantSignals: boolean): Promise<SeenRegion> {
  const { region } = seeing;
  const run = await seeEvery(seeing, wantSignals);
  const inside = insideSites({ ...region, first: 0 });
  return {
    embeddings: isWhole(region) ? run.embeddings : pickRows(run.embeddings, inside),
    plan: oneHotRows(
      inside.length,
      Int32Array.from(inside, (_, at) => at),
    ),
    signals: run.signals,
    inGraph: run.inGraph,
  };
}

/** Every patch of the view, padding included, the class token's row first where there is one. */
export async function seeEvery(
  { engine, spec, view, region, lead, clock }: Seeing,
  wantSignals: boolean,
  want: VisionWish = {},
): Promise<Omit<SeenRegion, "plan"> & { readonly newline: Float32Array | undefined }> {
  const signals = wantSignals && engine.inGraphReduction;
  // Other exporters' encoders give every row that they have, a class token included.
  const rows = region.rows * region.columns + (engine.inGraphReduction ? 0 : lead);
  const run = await clock.during(
    engine.see(view, identitySettings(rows), { mergeWeights: false, signals, ...want }),
  );
  return {
    embeddings: run.features,
    signals: signals ? toSignals(run, region, spec) : undefined,
    inGraph: engine.inGraphReduction,
    newline: run.newline,
  };
}

async function reduceInGraph(
  { engine, spec, view, region, lead, clock }: Seeing,
  settings: NonNullable<ReturnType<NonNullable<Reducer["graphSettings"]>>>,
  wantSignals: boolean,
): Promise<SeenRegion> {
  const signals = wantSignals && engine.inGraphReduction;
  const fed = engine.inGraphReduction ? settings : { ...settings, count: settings.count + lead };
  const run = await clock.during(engine.see(view, fed, { mergeWeights: true, signals }));
  return {
    embeddings: run.features,
    plan: planFromWeights(run.mergeWeights!, run.keptPatches),
    signals: signals ? toSignals(run, region, spec) : undefined,
    inGraph: engine.inGraphReduction,
  };
}

async function planOutside(
  { engine, spec, view, region, lead: leadRows, clock }: Seeing,
  reducer: Reducer,
  room: RowRoom,
): Promise<SeenRegion> {
  const settings = identitySettings(region.rows * region.columns);
  const run = await clock.during(engine.see(view, settings, { signals: true }));
  const signals = toSignals(run, region, spec);
  const read = insideSignals(signals, region);
  const plan = reducer.plan(read, room);
  const reduced = await clock.during(engine.project(applyPlan(plan, read.patches)));
  const { columns } = reduced;
  const lead = leadRows * columns;
  const data = new Float32Array(lead + reduced.data.length);
  data.set(run.features.data.subarray(0, lead));
  data.set(reduced.data, lead);
  return { embeddings: { rows: data.length / columns, columns, data }, plan, signals, inGraph: false };
}

function toSignals(run: VisionRun, { rows, columns }: Region, { vision }: ModelSpec): Signals {
  return {
    grid: { rows, columns },
    patches: run.patches!,
    keys: run.keys!,
    queries: run.queries!,
    classToken: vision.classToken,
    heads: vision.heads,
    ...(run.classAttention !== undefined && { classAttention: run.classAttention }),
  };
}
