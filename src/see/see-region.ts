import { PrumergeError } from "../errors.js";
import type { ModelSpec } from "../models/spec.js";
import { applyPlan } from "../reduce/apply-plan.js";
import type { GraphProgram, GraphReduction } from "../reduce/graph-program.js";
import { insideSignals, pickRows } from "../reduce/inside-signals.js";
import { usualNeed } from "../reduce/need.js";
import { isOneHot, oneHotRows } from "../reduce/one-hot.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Reducer, RowRoom } from "../reduce/reducer.js";
import { gatherSignals, type Signals } from "../reduce/signals.js";
import { insideOf, insideSites, isWhole, type Region } from "../reduce/sites.js";
import { wordRelevance } from "../reduce/word-relevance.js";
import type { Engine, VisionRun, VisionWish } from "../runtime/engine.js";
import { programsOf } from "../runtime/vision-ability.js";
import type { Matrix } from "../tensor/matrix.js";
import { stackRows } from "./arrange-rows.js";
import { planFromWeights } from "./graph-plan.js";
import type { TowerRun } from "./tower-runs.js";
import type { WorkClock } from "./work-clock.js";

/** What of an engine is used here. */
export type SeeingEngine = Pick<Engine, "see" | "project" | "vision" | "cacheForm">;

/** One view, and what it is seen with. */
export interface Seeing {
  readonly engine: SeeingEngine;
  readonly run: TowerRun;
  /** Of the tower that sees it. */
  readonly tower: Pick<ModelSpec["vision"], "classToken" | "heads">;
  readonly region: Region;
  /** Whether sites are rows of the graph's, which are mixed as they are, and not patches before its projector. */
  readonly mixed: boolean;
  /** Whether the tower's graph holds no reduction, whatever others of the model do: that of videos. */
  readonly planned: boolean;
  /** Rows of the class token before the others of the graph's. */
  readonly lead: number;
  /** Those of them that the language model gets whatever the reduction. */
  readonly kept: number;
  /** Of the rows that the language model takes. */
  readonly width: number;
  readonly clock: WorkClock;
  /** Embeddings of what is asked about the picture, [M, D]; left out where nobody reads them. */
  readonly words?: Matrix;
  /** Whether the separator is wanted beside the rows. */
  readonly newline: boolean;
}

/** What became of one view. */
export interface SeenRegion {
  /** In the language model's width, the class token's row first where the model hands it on. */
  readonly embeddings: Matrix;
  /** Over the patches that show the picture; without the class token that the model hands on by itself. */
  readonly plan: MergePlan;
  readonly signals: Signals | undefined;
  readonly inGraph: boolean;
  /** [D], the separator, where it is wanted. */
  readonly newline: Float32Array | undefined;
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
  const program =
    isWhole(region) && !seeing.mixed && !seeing.planned
      ? reducer.inGraph?.(region.rows * region.columns, room)
      : undefined;
  if (program === undefined || !holds(seeing.engine, program))
    return planOutside(seeing, reducer, room, wantSignals);
  return program === "identity"
    ? keepRegion(seeing, wantSignals)
    : reduceInGraph(seeing, program, wantSignals);
}

/** A folder of an earlier version has no graph for a later reduction: that is planned beside it, to the same end. */
function holds({ vision }: SeeingEngine, program: GraphReduction): boolean {
  return program === "identity" || programsOf(vision).includes(program.name);
}

/** Every patch that shows the picture, in raster order. */
export async function keepRegion(seeing: Seeing, wantSignals: boolean): Promise<SeenRegion> {
  const { region } = seeing;
  const run = await seeEvery(seeing, wantSignals);
  const inside = insideSites({ ...region, first: 0 });
  const whole = isWhole(region) && seeing.kept === seeing.lead;
  return {
    embeddings: whole ? run.embeddings : pickRows(behindLead(run.embeddings, seeing.lead), inside),
    plan: oneHotRows(
      inside.length,
      Int32Array.from(inside, (_, at) => at),
    ),
    signals: run.signals,
    inGraph: run.inGraph,
    newline: run.newline,
  };
}

/** A run of the tower, beside which no other part of it is timed. */
function runTower(
  { run, newline }: Seeing,
  reduction: GraphReduction,
  want: VisionWish,
  share = 1,
): Promise<VisionRun> {
  return run(share, reduction, newline ? { ...want, newline } : want);
}

/** Every patch of the view, padding included, the class token's row first where there is one. */
export async function seeEvery(seeing: Seeing, wantSignals: boolean): Promise<Omit<SeenRegion, "plan">> {
  const { engine, tower, region, mixed, lead, words } = seeing;
  const ours = engine.vision.kind === "reduces";
  const run = await runTower(seeing, "identity", wantSignals && ours ? everySignal : {});
  checkRows(seeing, run);
  const rows = behindLead(run.features, lead);
  return {
    embeddings: run.features,
    signals:
      wantSignals && ours
        ? toSignals(run, region, tower, behindProjector(mixed ? run.patches! : rows, true, words))
        : undefined,
    inGraph: ours,
    newline: run.newline,
  };
}

async function reduceInGraph(
  seeing: Seeing,
  program: GraphProgram,
  wantSignals: boolean,
): Promise<SeenRegion> {
  const { tower, region } = seeing;
  const run = await runTower(seeing, program, { mergeWeights: true, ...(wantSignals && everySignal) });
  return {
    embeddings: run.features,
    plan: planFromWeights(run.mergeWeights!, run.keptPatches),
    signals: wantSignals ? toSignals(run, region, tower) : undefined,
    inGraph: true,
    newline: run.newline,
  };
}

async function planOutside(
  seeing: Seeing,
  reducer: Reducer,
  room: RowRoom,
  wantSignals: boolean,
): Promise<SeenRegion> {
  const { region, kept } = seeing;
  const inside = insideOf(region);
  const share = reducer.pixelShare?.(inside.rows * inside.columns, room) ?? 1;
  const { features, rows, signals, read, newline } = await readRegion(seeing, reducer, wantSignals, share);
  const plan = reducer.plan(read, room);
  const reduced = await rowsOfPlan(seeing, plan, rows, read);
  const { columns } = features;
  const lead = reducer.keepsClassToken === true ? 0 : kept * columns;
  const data = new Float32Array(lead + reduced.data.length);
  data.set(features.data.subarray(0, lead));
  data.set(reduced.data, lead);
  return {
    embeddings: { rows: data.length / columns, columns, data },
    plan,
    signals,
    inGraph: false,
    newline,
  };
}

/** What a view's graph shows of it, for a plan that is made here. */
export interface ReadRegion {
  /** Every row of the graph's. */
  readonly features: Matrix;
  /** The rows of the patches that show the picture. */
  readonly rows: Matrix;
  /** Of all patches, where they are wanted and the graph shows them. */
  readonly signals: Signals | undefined;
  /** Of the patches that show the picture. */
  readonly read: Signals;
  readonly newline: Float32Array | undefined;
}

/** @param share of the view's pixels that the tower is to see */
export async function readRegion(
  seeing: Seeing,
  reducer: Reducer,
  wantSignals: boolean,
  share = 1,
): Promise<ReadRegion> {
  const { engine, tower, region, mixed, lead, words } = seeing;
  const ours = engine.vision.kind === "reduces";
  const { layers = [], projected = false, classFeatures = false } = reducer.need ?? usualNeed;
  // Of others' encoders rows are all there is: whoever wants a layer is refused by them.
  const wish = {
    layers,
    ...(ours && { patches: true }),
    ...(ours && classFeatures && { classFeatures }),
    ...(ours && wantSignals && everySignal),
  };
  const run = await runTower(seeing, "identity", wish, share);
  checkRows(seeing, run);
  const rows = behindLead(run.features, lead);
  const { patches = rows } = run;
  const behind = behindProjector(mixed ? patches : rows, projected || wantSignals, words);
  const signals = toSignals({ ...run, patches }, region, tower, behind);
  const read = insideSignals(signals, region);
  const { features, newline } = run;
  return {
    ...{ features, read, newline },
    rows: insideRows(rows, region),
    signals: wantSignals && ours ? signals : undefined,
  };
}

/**
 * What the language model gets by a plan.
 *
 * @param rows of the patches, behind the projector
 */
export async function rowsOfPlan(
  { engine, mixed, clock }: Pick<Seeing, "engine" | "mixed" | "clock">,
  plan: MergePlan,
  rows: Matrix,
  read: Signals,
): Promise<Matrix> {
  // Patches that are handed on are there already, behind the projector.
  if (isOneHot(plan)) return pickRows(rows, plan.columns);
  if (mixed) return applyPlan(plan, rows);
  return clock.during(engine.project(applyPlan(plan, towerTokens(plan, read))));
}

/** What is handed back where signals are asked for, whatever the reducer reads. */
const everySignal = { patches: true, everyLayer: true } as const;

/** @throws PrumergeError INVALID_FILE for rows of another number than the configuration says, or, of another program's encoder, width */
function checkRows({ engine, region, lead, width }: Seeing, { features }: VisionRun): void {
  const wrong = (what: string, expected: number, found: number) =>
    new PrumergeError("INVALID_FILE", `this encoder emits ${what}`, {
      expected: `${expected}, as its configuration says`,
      found: String(found),
    });
  const expected = region.rows * region.columns + lead;
  if (features.rows !== expected) throw wrong("another number of visual tokens", expected, features.rows);
  if (engine.vision.kind !== "reduces" && features.columns !== width)
    throw wrong("visual tokens of another width", width, features.columns);
}

/** Rows without those of the class token before them. */
function behindLead({ rows, columns, data }: Matrix, lead: number): Matrix {
  return { rows: rows - lead, columns, data: data.subarray(lead * columns) };
}

/** What the plan's columns are: the patches, and the class token for a plan that makes rows of it. */
function towerTokens({ patches, columns }: MergePlan, signals: Signals): Matrix {
  const { classFeatures } = signals;
  if (classFeatures === undefined || !columns.includes(patches)) return signals.patches;
  return stackRows([signals.patches, classFeatures]);
}

/** Signals that are read behind the projector. */
function behindProjector(
  rows: Matrix,
  projected: boolean,
  words: Matrix | undefined,
): Pick<Signals, "projected" | "relevance"> {
  return {
    ...(projected && { projected: rows }),
    ...(words !== undefined && { relevance: wordRelevance(rows, words) }),
  };
}

function insideRows(rows: Matrix, region: Region): Matrix {
  return isWhole(region) ? rows : pickRows(rows, insideSites({ ...region, first: 0 }));
}

function toSignals(
  { patches, lastLayer, layers, classFeatures }: VisionRun,
  { rows, columns }: Region,
  { classToken, heads }: Seeing["tower"],
  behind: Pick<Signals, "projected" | "relevance"> = {},
): Signals {
  const others = {
    grid: { rows, columns },
    patches: patches!,
    classToken,
    heads,
    ...(layers !== undefined && { layers }),
    ...(classFeatures !== undefined && { classFeatures }),
    ...behind,
  };
  return gatherSignals(others, lastLayer);
}
