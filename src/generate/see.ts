import type { PixelValues } from "../image/index.js";
import { classTokenRows, gridSide, gridView, type ModelSpec, patchCount } from "../models/spec.js";
import { applyPlan } from "../reduce/apply-plan.js";
import { type GraphSettings, identitySettings } from "../reduce/graph-settings.js";
import { oneHotPlan } from "../reduce/one-hot.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Reducer, RowRoom } from "../reduce/reducer.js";
import { rowRoom } from "../reduce/row-room.js";
import type { Signals } from "../reduce/signals.js";
import { unknownPlan } from "../reduce/unknown-plan.js";
import type { Engine, VisionRun } from "../runtime/engine.js";
import type { Matrix } from "../tensor/matrix.js";
import { planFromWeights, withClassTokenRow } from "./graph-plan.js";
import { keyValueBytesPerToken } from "./key-value-bytes.js";
import type { VisualTokens } from "./visual-tokens.js";
import { WorkClock } from "./work-clock.js";

/** What of an engine is used here. */
export type SeeingEngine = Pick<Engine, "see" | "project" | "bakedTokens" | "inGraphReduction">;

interface Reduction {
  readonly embeddings: Matrix;
  readonly plan: MergePlan;
  readonly signals: Signals | undefined;
  readonly inGraph: boolean;
}

/** What a reduction is made with. */
interface Seeing {
  readonly engine: SeeingEngine;
  readonly spec: ModelSpec;
  readonly pixels: PixelValues;
  readonly clock: WorkClock;
}

/**
 * Encodes one picture and reduces its visual tokens, inside the vision graph where that can do it.
 *
 * @param reducer only named in the statistics where the engine has a reduction baked in
 */
export async function seePixels(
  engine: SeeingEngine,
  spec: ModelSpec,
  pixels: PixelValues,
  reducer: Reducer,
  wantSignals: boolean,
): Promise<VisualTokens> {
  const patches = patchCount(spec.vision);
  const lead = classTokenRows(spec);
  const clock = new WorkClock();
  const seeing: Seeing = { engine, spec, pixels, clock };
  const { embeddings, plan, signals, inGraph } =
    engine.bakedTokens === undefined
      ? await reduce(seeing, reducer, wantSignals)
      : await runBaked(seeing, engine.bakedTokens);
  const bytes = keyValueBytesPerToken(spec.language);
  return {
    embeddings,
    plan,
    view: gridView(pixels.view, spec.vision),
    statistics: {
      method: reducer.method,
      budget: reducer.budget,
      options: reducer.options,
      unreducedTokens: patches + lead,
      visualTokens: embeddings.rows,
      inGraph,
      encodeMilliseconds: clock.worked,
      waitMilliseconds: clock.waited,
      keyValueBytes: embeddings.rows * bytes,
      unreducedKeyValueBytes: (patches + lead) * bytes,
    },
    ...(wantSignals && signals !== undefined && { signals }),
  };
}

async function reduce(seeing: Seeing, reducer: Reducer, wantSignals: boolean): Promise<Reduction> {
  const { spec } = seeing;
  const patches = patchCount(spec.vision);
  const room = rowRoom(reducer, patches, classTokenRows(spec));
  const settings = reducer.graphSettings?.(patches, room);
  const reduction =
    settings === undefined
      ? await planOutside(seeing, reducer, room)
      : await reduceInGraph(seeing, settings, reducer.budget.kind === "all", wantSignals);
  return classTokenRows(spec) === 0 ? reduction : { ...reduction, plan: withClassTokenRow(reduction.plan) };
}

async function runBaked({ engine, spec, pixels, clock }: Seeing, count: number): Promise<Reduction> {
  const { features } = await clock.during(engine.see(pixels.data, identitySettings(count)));
  const plan = unknownPlan(features.rows, grid(spec));
  return { embeddings: features, plan, signals: undefined, inGraph: true };
}

async function reduceInGraph(
  { engine, spec, pixels, clock }: Seeing,
  settings: GraphSettings,
  identity: boolean,
  wantSignals: boolean,
): Promise<Reduction> {
  const signals = wantSignals && engine.inGraphReduction;
  // Other exporters' encoders give every row that they have, a class token included.
  const fed = engine.inGraphReduction
    ? settings
    : { ...settings, count: settings.count + classTokenRows(spec) };
  const run = await clock.during(engine.see(pixels.data, fed, { mergeWeights: !identity, signals }));
  const plan = identity
    ? identityPlan(spec)
    : planFromWeights(run.mergeWeights!, run.keptPatches, grid(spec));
  return {
    embeddings: run.features,
    plan,
    signals: signals ? toSignals(run, spec) : undefined,
    inGraph: engine.inGraphReduction,
  };
}

async function planOutside(
  { engine, spec, pixels, clock }: Seeing,
  reducer: Reducer,
  room: RowRoom,
): Promise<Reduction> {
  const settings = identitySettings(patchCount(spec.vision));
  const run = await clock.during(engine.see(pixels.data, settings, { signals: true }));
  const signals = toSignals(run, spec);
  const plan = reducer.plan(signals, room);
  const reduced = await clock.during(engine.project(applyPlan(plan, signals.patches)));
  const lead = classTokenRows(spec) * reduced.columns;
  const data = new Float32Array(lead + reduced.data.length);
  data.set(run.features.data.subarray(0, lead));
  data.set(reduced.data, lead);
  const { columns } = reduced;
  return {
    embeddings: { rows: data.length / columns, columns, data },
    plan,
    signals,
    inGraph: false,
  };
}

function grid({ vision }: ModelSpec): MergePlan["grid"] {
  return { rows: gridSide(vision), columns: gridSide(vision) };
}

function toSignals(run: VisionRun, spec: ModelSpec): Signals {
  return {
    grid: grid(spec),
    patches: run.patches!,
    keys: run.keys!,
    queries: run.queries!,
    classToken: spec.vision.classToken,
    heads: spec.vision.heads,
    ...(run.classAttention !== undefined && { classAttention: run.classAttention }),
  };
}

function identityPlan(spec: ModelSpec): MergePlan {
  return oneHotPlan(
    grid(spec),
    Int32Array.from({ length: patchCount(spec.vision) }, (_, patch) => patch),
  );
}
