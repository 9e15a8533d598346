import type { PixelValues } from "../image/index.js";
import { classTokenRows, gridSide, gridView, type LlavaSpec, patchCount } from "../models/spec.js";
import { noReduction } from "../reduce/methods/none.js";
import { applyPlan, type MergePlan } from "../reduce/plan.js";
import type { GraphSettings, Reducer } from "../reduce/reducer.js";
import type { Signals } from "../reduce/signals.js";
import { unknownPlan } from "../reduce/unknown-plan.js";
import type { Engine, VisionRun } from "../runtime/engine.js";
import type { Matrix } from "../tensor/matrix.js";
import { bakedSettings } from "./baked-reduction.js";
import { withoutLeadingRows } from "./class-token-row.js";
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
      ? await reduce(engine, spec, pixels, withoutLeadingRows(reducer, patches, lead), wantSignals)
      : await runBaked(engine, spec, pixels, engine.bakedTokens);
  const bytes = keyValueBytesPerToken(spec.language);
  return {
    embeddings,
    plan,
    view: gridView(pixels.view, spec.vision),
    statistics: {
      method: reducer.method,
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
  const settings = reducer.graphSettings(patchCount(spec.vision));
  const reduction =
    settings === undefined
      ? await planOutside(engine, spec, pixels, reducer)
      : await reduceInGraph(engine, spec, pixels, settings, wantSignals);
  return classTokenRows(spec) === 0 ? reduction : { ...reduction, plan: withClassTokenRow(reduction.plan) };
}

async function runBaked(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  count: number,
): Promise<Reduction> {
  const { features, milliseconds } = await engine.see(pixels.data, bakedSettings(count));
  const plan = unknownPlan(features.rows, grid(spec));
  return { embeddings: features, plan, signals: undefined, inGraph: true, milliseconds };
}

async function reduceInGraph(
  engine: SeeingEngine,
  spec: LlavaSpec,
  pixels: PixelValues,
  settings: GraphSettings,
  wantSignals: boolean,
): Promise<Reduction> {
  const patches = patchCount(spec.vision);
  const identity = isIdentity(settings, patches);
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
): Promise<Reduction> {
  const settings = noReduction().graphSettings(patchCount(spec.vision))!;
  const run = await engine.see(pixels.data, settings, { signals: true });
  const signals = toSignals(run, spec);
  const start = performance.now();
  const plan = reducer.plan(signals);
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

function isIdentity(settings: GraphSettings, patches: number): boolean {
  const { exact, count, neighbours, globalToken, rasterOrder } = settings;
  return exact && count === patches && neighbours === 0 && !globalToken && rasterOrder;
}

function identityPlan(spec: LlavaSpec): MergePlan {
  const patches = patchCount(spec.vision);
  const each = Int32Array.from({ length: patches }, (_, patch) => patch);
  return {
    patches,
    grid: grid(spec),
    keptPatches: each,
    offsets: Int32Array.from({ length: patches + 1 }, (_, row) => row),
    columns: each.slice(),
    weights: new Float32Array(patches).fill(1),
  };
}
