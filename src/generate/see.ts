import type { PixelValues } from "../image/index.js";
import { classTokenRows, gridSide, gridView, type LlavaSpec, patchCount } from "../models/spec.js";
import { type GraphSettings, identitySettings } from "../reduce/graph-settings.js";
import { oneHotPlan } from "../reduce/one-hot.js";
import { applyPlan, type MergePlan } from "../reduce/plan.js";
import type { Reducer, RowRoom } from "../reduce/reducer.js";
import { rowRoom } from "../reduce/row-room.js";
import type { Signals } from "../reduce/signals.js";
import { unknownPlan } from "../reduce/unknown-plan.js";
import type { Engine, VisionRun } from "../runtime/engine.js";
import type { Matrix } from "../tensor/matrix.js";
import { planFromWeights, withClassTokenRow } from "./graph-plan.js";
import { keyValueBytesPerToken } from "./key-value-bytes.js";
import type { VisualTokens } from "./visual-tokens.js";

/** What of an engine is used here. */
export type SeeingEngine = Pick<Engine, "see" | "project" | "bakedTokens" | "inGraphReduction">;

interface Reduction {
  readonly embeddings: Matrix;
  readonly plan: MergePlan;
  readonly signals: Signals | undefined;
  readonly inGraph: boolean;
  /** Of the runs and the planner, without waiting for a session to open. */
  readonly milliseconds: number;
}

/**
 * Encodes one picture and reduces its visual tokens, inside the vision graph where that can do it.
 *
 * @param reducer only named in the statistics where the engine has a reduction baked in
 */
export async function seePixels(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  reducer: Reducer,
  wantSignals: boolean,
): Promise<VisualTokens> {
  const patches = patchCount(spec.vision);
  const lead = classTokenRows(spec);
  const { embeddings, plan, signals, inGraph, milliseconds } =
    engine.bakedTokens === undefined
      ? await reduce(engine, spec, pixels, reducer, wantSignals)
      : await runBaked(engine, spec, pixels, engine.bakedTokens);
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
      encodeMilliseconds: milliseconds,
      keyValueBytes: embeddings.rows * bytes,
      unreducedKeyValueBytes: (patches + lead) * bytes,
    },
    ...(wantSignals && signals !== undefined && { signals }),
  };
}

async function reduce(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  reducer: Reducer,
  wantSignals: boolean,
): Promise<Reduction> {
  const patches = patchCount(spec.vision);
  const room = rowRoom(reducer, patches, classTokenRows(spec));
  const settings = reducer.graphSettings?.(patches, room);
  const reduction =
    settings === undefined
      ? await planOutside(engine, spec, pixels, reducer, room)
      : await reduceInGraph(engine, spec, pixels, settings, reducer.budget.kind === "all", wantSignals);
  return classTokenRows(spec) === 0 ? reduction : { ...reduction, plan: withClassTokenRow(reduction.plan) };
}

async function runBaked(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  count: number,
): Promise<Reduction> {
  const { features, milliseconds } = await engine.see(pixels.data, identitySettings(count));
  const plan = unknownPlan(features.rows, grid(spec));
  return { embeddings: features, plan, signals: undefined, inGraph: true, milliseconds };
}

async function reduceInGraph(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  settings: GraphSettings,
  identity: boolean,
  wantSignals: boolean,
): Promise<Reduction> {
  const signals = wantSignals && engine.inGraphReduction;
  // Other exporters' encoders give every row that they have, a class token included.
  const fed = engine.inGraphReduction
    ? settings
    : { ...settings, count: settings.count + classTokenRows(spec) };
  const run = await engine.see(pixels.data, fed, { mergeWeights: !identity, signals });
  const plan = identity
    ? identityPlan(spec)
    : planFromWeights(run.mergeWeights!, run.keptPatches, grid(spec));
  return {
    embeddings: run.features,
    plan,
    signals: signals ? toSignals(run, spec) : undefined,
    inGraph: engine.inGraphReduction,
    milliseconds: run.milliseconds,
  };
}

async function planOutside(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  reducer: Reducer,
  room: RowRoom,
): Promise<Reduction> {
  const settings = identitySettings(patchCount(spec.vision));
  const run = await engine.see(pixels.data, settings, { signals: true });
  const signals = toSignals(run, spec);
  const start = performance.now();
  const plan = reducer.plan(signals, room);
  const reduced = await engine.project(applyPlan(plan, signals.patches));
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
    milliseconds: run.milliseconds + performance.now() - start,
  };
}

function grid({ vision }: LlavaSpec): MergePlan["grid"] {
  return { rows: gridSide(vision), columns: gridSide(vision) };
}

function toSignals(run: VisionRun, spec: LlavaSpec): Signals {
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

function identityPlan(spec: LlavaSpec): MergePlan {
  return oneHotPlan(
    grid(spec),
    Int32Array.from({ length: patchCount(spec.vision) }, (_, patch) => patch),
  );
}
