import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedModel, loadModel, type Reducer, type VisualTokens } from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import { decodePicture, preprocess, preprocessFrames } from "prumerge/image";
import {
  applyPlan,
  checkPlan,
  classAttention,
  insideOf,
  type MergePlan,
  noReduction,
  pooledOutlierRatio,
  pruMerge,
  pruMergePlus,
  type RowRoom,
  type Signals,
} from "prumerge/reduce";
import { type Engine, loadEngine } from "../../../dist/runtime/index.js";
import { plainArrangement } from "../../../src/reduce/arrangement.js";
import { insideSignals } from "../../../src/reduce/inside-signals.js";
import { joinPlans } from "../../../src/reduce/join-plans.js";
import { insideSites } from "../../../src/reduce/sites.js";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { EveryPosition } from "../every-position.js";
import { apart, mergedInGraph } from "../model-check.js";
import type { CaseResult, Form } from "../outcome.js";
import { countOutliers, derivePicture, softAttention } from "../prumerge/derive.js";
import type { ModelCase, NextCase } from "./case.js";

const tolerances = { features: 1e-4, merged: 1e-4, embeddings: 1e-4, logits: 1e-3, pixels: 1e-6 } as const;

/** Replays the cases of whole models in every form of the reduction: converted, loaded, shown the picture file and asked. */
export async function replayModels(
  folder: string,
  cases: readonly NextCase[],
  forms: readonly Form[],
): Promise<Map<Form, CaseResult[]>> {
  const results = new Map(forms.map((form) => [form, [] as CaseResult[]]));
  const known = cases as readonly ModelCase[];
  for (const name of new Set(known.map(({ inputs }) => inputs.model))) {
    const opened = await openModel(folder, name);
    try {
      for (const test of known.filter(({ inputs }) => inputs.model === name)) {
        for (const form of forms) results.get(form)!.push(await replayCase(folder, opened, test, form));
      }
    } finally {
      await opened.dispose();
    }
  }
  return results;
}

interface OpenedModel {
  readonly converted: ModelFolder;
  readonly model: LoadedModel;
  readonly engine: Engine;
  readonly everyPosition: EveryPosition;
  dispose(): Promise<void>;
}

async function openModel(folder: string, name: string): Promise<OpenedModel> {
  const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
  const source = join(folder, name);
  const tower = name.endsWith("-original") ? { visionTower: join(source, "vision-tower") } : {};
  const converted = await convert(source, join(temporary, name), { dtype: "fp32", ...tower });
  const model = await loadModel(converted.path);
  const engine = await loadEngine(converted.path, { worker: false });
  return {
    converted,
    model,
    engine,
    everyPosition: new EveryPosition(converted),
    async dispose() {
      await Promise.all([model.dispose(), engine.dispose()]);
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

async function replayCase(
  folder: string,
  opened: OpenedModel,
  test: ModelCase,
  form: Form,
): Promise<CaseResult> {
  const { name, inputs } = test;
  const { model, everyPosition } = opened;
  const seeing = seeingOf(test, form);
  if (typeof seeing === "string") return { name, outcome: "not covered", detail: seeing };
  if (test.expected_error !== null) return replayRefused(folder, opened, test, seeing);
  const tensors = readFixture(join(folder, test.expected_file));
  const pictures = (inputs.images ?? inputs.frames ?? [inputs.image!]).map((file) => join(folder, file));
  const misses = await pixelMisses(opened, test, tensors, pictures);
  const seen = await seeing(opened, pictures);
  misses.push(...visualMisses(test, tensors, seen));
  const ids = Int32Array.from(inputs.prompt_ids_with_single_image_token);
  const rows = seen.map(({ embeddings }) => embeddings.data);
  const embeddings = await everyPosition.embeddings(
    ids,
    inputs.video_token_id ?? inputs.image_token_id,
    ...rows,
  );
  const { expected } = test;
  misses.push(
    ...apart("prompt embeddings", embeddings, floats(tensors, expected.inputs_embeds), tolerances.embeddings),
  );
  const vocabulary = model.spec.language.vocabularySize;
  const recordedVocabulary = floats(tensors, expected.greedy_logits).length / expected.greedy_ids.length;
  const ofRecorded = (logits: Float32Array) => logits.filter((_, at) => at % vocabulary < recordedVocabulary);
  const logits = ofRecorded(await everyPosition.logits(embeddings));
  misses.push(...apart("logits", logits, floats(tensors, expected.logits), tolerances.logits));
  const answer = await model.answer(
    seen,
    // Which token stands for a video does not come to the model.
    { prompt: inputs.prompt.replace("<video>", model.imageToken) },
    { maxNewTokens: expected.greedy_ids.length, keepLogits: true },
  ).result;
  if (String(answer.tokenIds) !== String(expected.greedy_ids)) misses.push(`greedy ${answer.tokenIds}`);
  if (answer.promptTokens !== expected.sequence_length)
    misses.push(`${answer.promptTokens} tokens of prompt`);
  const greedy = ofRecorded(Float32Array.from(answer.logits!.flatMap((row) => [...row])));
  misses.push(...apart("greedy logits", greedy, floats(tensors, expected.greedy_logits), tolerances.logits));
  return { name, outcome: misses.length === 0 ? "passed" : "missed", detail: misses.join("; ") };
}

/** A case at which the released program raises: what the documented rule gives, worked out view by view. */
async function replayRefused(
  folder: string,
  opened: OpenedModel,
  { name, inputs }: ModelCase,
  seeing: Seeing,
): Promise<CaseResult> {
  const misses: string[] = [];
  const plus = name.includes("-prumerge-plus");
  const pictures = (inputs.images ?? [inputs.image!]).map((file) => join(folder, file));
  for (const { plan, sites, signals } of await seeing(opened, pictures)) {
    checkPlan(plan);
    if (!name.includes("-prumerge")) continue; // unreduced: that it is seen at all
    const expected = sites.regions.flatMap((region, at) => {
      const shown = insideSites(region);
      if (shown.length === 0) return [];
      const view = insideSignals(signals![at]!, region);
      const parameters = { if_adaptive: true, reduction_ratio_argument: 0, N: shown.length } as never;
      const rule = { source: { function: plus ? "_plus" : "" }, parameters };
      const { kept } = derivePicture(rule, view, softAttention(view));
      return [...Array.from(kept, (patch) => shown[patch]!), -1];
    });
    if (expected.join() !== plan.keptPatches.join())
      misses.push(`kept ${plan.keptPatches}, by the rule ${expected}`);
  }
  return { name, outcome: misses.length === 0 ? "defined by us" : "missed", detail: misses.join("; ") };
}

type Seeing = (opened: OpenedModel, files: readonly string[]) => Promise<VisualTokens[]>;
type SeeingOne = (opened: OpenedModel, file: string) => Promise<VisualTokens>;

/** How a case reduces, by its name, or why this form of the reduction does not. */
function seeingOf({ name, inputs, parameters, expected }: ModelCase, form: Form): Seeing | string {
  const kind = name.slice(inputs.model.length + 1);
  if (inputs.frames !== undefined) return asVideo;
  const method = kind.startsWith("prumerge-plus") ? pruMergePlus : pruMerge;
  // What the graph does not do is planned: there the released code's rounding counts.
  const reducer = form === "in-graph" ? method() : method({ compatibility: "released" });
  if (kind === "two-pictures") return together;
  if (/^(full|two-pictures)/.test(kind) || name.includes("-original-"))
    return each(bySee(() => noReduction()));
  if (kind.startsWith("prumerge-batch")) return each(form === "in-graph" ? pooledInGraph : bySee(pooled));
  if (/^prumerge(-plus)?-unpadded-/.test(kind)) return each(bySee(() => reducer));
  if (/^prumerge(-plus)?-/.test(kind))
    return each(form === "in-graph" ? wholeInGraph(reducer) : withPadding(planBy(reducer)));
  if (!kind.startsWith("siglip-prumerge-plus-")) return "a way of reducing that is not known here";
  if (form === "planner") return each(withPadding(benchmarkPlans(parameters.budgets!)));
  // The benchmark's rule is planned; the graph merges what it kept.
  return each(
    withPadding((views) =>
      Promise.all(views.map((view, at) => mergedInGraph(view, expected.kept_indices![at]!))),
    ),
  );
}

/** Every picture by itself. */
function each(seeing: SeeingOne): Seeing {
  return async (opened, files) => {
    const seen: VisualTokens[] = [];
    for (const file of files) seen.push(await seeing(opened, file));
    return seen;
  };
}

/** The pictures as frames of one video. */
const asVideo: Seeing = async ({ model }, files) => [
  await model.see(await framesOf(model, files), noReduction(), { signals: true }),
];

async function framesOf({ preprocessing }: LoadedModel, files: readonly string[]) {
  return preprocessFrames(await Promise.all(files.map((file) => decodePicture(file))), preprocessing);
}

/** All pictures as those of one prompt. */
const together: Seeing = ({ model }, files) => model.see(files, noReduction(), { signals: true });

/** As users see: the model's own rule, padding left out. */
function bySee(reducerOf: (signals: readonly Signals[]) => Reducer): SeeingOne {
  return async ({ model }, file) => {
    const { signals } = await model.see(file, noReduction(), { signals: true });
    return model.see(file, reducerOf(all(signals)), { signals: true });
  };
}

type Plans = (views: readonly Signals[]) => Promise<MergePlan[]>;

function planBy(reducer: Reducer): Plans {
  return async (views) => views.map((view) => reducer.plan(view));
}

/** EffiVLM-Bench's rule: one share of outliers for all views, the mean of theirs, and a count that the grid fills up. */
function benchmarkPlans(budgets: number): Plans {
  return async (views) => {
    const shares = views.map((view) => {
      const attention = classAttention(view);
      return countOutliers(attention) / attention.length;
    });
    const outlierRatio = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const tokens = Math.trunc(views[0]!.patches.rows * budgets) + 1;
    const reducer = pruMergePlus({ compatibility: "effivlm", tokens, outlierRatio });
    return views.map((view) => reducer.plan(view));
  };
}

function pooled(signals: readonly Signals[]): Reducer {
  return pruMerge({ compatibility: "released", outlierRatio: pooledRatio(signals) });
}

function pooledRatio(signals: readonly Signals[]): number {
  return pooledOutlierRatio(signals.map((view) => classAttention(view)));
}

/** A graph takes the pooled count as an exact one. */
const pooledInGraph: SeeingOne = async (opened, file) => {
  const { signals } = await opened.model.see(file, noReduction(), { signals: true });
  const tokens = Math.trunc(signals![0]!.patches.rows * pooledRatio(all(signals))) + 1;
  return wholeInGraph(pruMerge({ tokens }), { exact: true, count: tokens })(opened, file);
};

/** As the released function would, which knows of no padding: every patch of every view takes part. */
function withPadding(plansOf: Plans): SeeingOne {
  return async ({ model, engine }, file) => {
    const seen = await model.see(file, noReduction(), { signals: true });
    const plans = await plansOf(all(seen.signals));
    const whole = seen.sites.regions.map(({ inside: _, ...region }) => region);
    const plan = joinPlans({ ...seen.sites, regions: whole }, plans);
    const embeddings = await engine.project(applyPlan(plan, patchesOf(seen)));
    return { ...seen, ...plainArrangement(plan), embeddings };
  };
}

/** The same inside the vision graph, view by view. */
function wholeInGraph(reducer: Reducer, room: RowRoom = { exact: false, count: 0 }): SeeingOne {
  return async (opened, file) => {
    const { model, engine, converted } = opened;
    const seen = await model.see(file, noReduction(), { signals: true });
    const { views } = preprocess(await decodePicture(file), converted.preprocessing);
    const runs = [];
    for (const [at, view] of views.entries()) {
      const { rows, columns } = seen.sites.regions[at]!;
      const program = reducer.inGraph!(rows * columns, room)!;
      runs.push(await engine.see(view, program, { mergeWeights: true }));
    }
    const plans = runs.map(({ mergeWeights, keptPatches }): MergePlan => {
      const { rows, columns, data } = mergeWeights!;
      const entries = Array.from(data.keys()).filter((entry) => data[entry] !== 0);
      return {
        patches: columns,
        keptPatches: Int32Array.from({ length: rows }, (_, row) => keptPatches[row] ?? -1),
        offsets: Int32Array.from(
          { length: rows + 1 },
          (_, row) => entries.filter((e) => e < row * columns).length,
        ),
        columns: Int32Array.from(entries, (entry) => entry % columns),
        weights: Float32Array.from(entries, (entry) => data[entry]!),
      };
    });
    const whole = seen.sites.regions.map(({ inside: _, ...region }) => region);
    const plan = joinPlans({ ...seen.sites, regions: whole }, plans);
    const { columns } = runs[0]!.features;
    const data = Float32Array.from(runs.flatMap(({ features }) => [...features.data]));
    return { ...seen, ...plainArrangement(plan), embeddings: { rows: data.length / columns, columns, data } };
  };
}

/** Signals of a picture of which every view was encoded. */
function all(signals: VisualTokens["signals"]): Signals[] {
  return signals!.map((one) => one!);
}

/** [sites, C] */
function patchesOf({ signals, sites }: VisualTokens) {
  const { columns } = signals![0]!.patches;
  const data = Float32Array.from(all(signals).flatMap(({ patches }) => [...patches.data]));
  return { rows: sites.count, columns, data };
}

async function pixelMisses(
  { model }: OpenedModel,
  { expected }: ModelCase,
  tensors: ReadonlyMap<string, FixtureTensor>,
  files: readonly string[],
): Promise<string[]> {
  const { pixel_values: names, pixel_values_videos: frames, geometry } = expected;
  if (frames !== undefined) {
    const { views } = await framesOf(model, files);
    const values = Float32Array.from(views.flatMap(({ data }) => [...data]));
    return apart("pixel values", values, floats(tensors, frames), tolerances.pixels);
  }
  if (names === undefined) return [];
  // Of several pictures of one prompt the views are one tensor, else one for each.
  const together = typeof names === "string";
  const seen = await Promise.all(
    files.map((file) => model.prepare(file, { pictures: together ? files.length : 1 })),
  );
  const values = seen.map(({ views }) => Float32Array.from(views.flatMap(({ data }) => [...data])));
  const ours = together ? [Float32Array.from(values.flatMap((data) => [...data]))] : values;
  const counts = [geometry!]
    .flat()
    .flatMap(({ views, views_per_image: one }) => views ?? files.map(() => one!));
  const found = seen.map(({ views }) => views.length);
  const misses = found.join() === counts.join() ? [] : [`${found} views, recorded ${counts}`];
  const recorded = [names].flat().map((name) => floats(tensors, name));
  return [
    ...misses,
    ...ours.flatMap((data, at) => apart("pixel values", data, recorded[at]!, tolerances.pixels)),
  ];
}

function visualMisses(
  { expected }: ModelCase,
  tensors: ReadonlyMap<string, FixtureTensor>,
  seen: readonly VisualTokens[],
): string[] {
  const misses: string[] = [];
  const count = seen.reduce((sum, { embeddings }) => sum + embeddings.rows, 0);
  if (count !== expected.visual_tokens)
    misses.push(`${count} visual tokens, recorded ${expected.visual_tokens}`);
  const names = [expected.image_features ?? expected.video_features ?? expected.projected!].flat();
  for (const [at, name] of names.entries()) {
    const ours = seen[at]!.embeddings.data;
    misses.push(...apart("visual tokens", ours, floats(tensors, name), tolerances.features));
  }
  if (expected.kept_indices !== undefined) misses.push(...planMisses(expected, tensors, seen[0]!));
  if (expected.patch_is_picture !== undefined) {
    const recorded = integers(tensors, expected.patch_is_picture);
    if (insideMask(seen[0]!).join() !== recorded.join()) misses.push("other patches show the picture");
  }
  return misses;
}

function planMisses(
  { kept_indices: kept, rows_per_view: rowsPerView, merged }: ModelCase["expected"],
  tensors: ReadonlyMap<string, FixtureTensor>,
  seen: VisualTokens,
): string[] {
  const { plan, sites } = seen;
  const perView = sites.regions[0]!.rows * sites.regions[0]!.columns;
  const rows = kept!.flatMap((view, at) => {
    const sitesOf = view.map((patch) => at * perView + patch);
    return [...sitesOf, ...Array<number>(rowsPerView![at]! - view.length).fill(-1)];
  });
  const misses = rows.join() === plan.keptPatches.join() ? [] : [`kept ${plan.keptPatches}`];
  const recorded = floats(tensors, merged!);
  const largest = recorded.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const ours = applyPlan(plan, patchesOf(seen)).data;
  return [...misses, ...apart("merged tokens", ours, recorded, tolerances.merged * largest)];
}

/** Per site 1 where it shows the picture. */
function insideMask({ sites }: VisualTokens): number[] {
  return sites.regions.flatMap((region) => {
    const { top, left, rows, columns } = insideOf(region);
    return Array.from({ length: region.rows * region.columns }, (_, patch) => {
      const [row, column] = [Math.floor(patch / region.columns), patch % region.columns];
      return row >= top && row < top + rows && column >= left && column < left + columns ? 1 : 0;
    });
  });
}
