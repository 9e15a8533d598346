import type {
  AnswerResult,
  LoadedModel,
  MergePlan,
  PixelValues,
  Question,
  Reducer,
  Signals,
  VisualTokens,
} from "prumerge";
import type { ModelFolder } from "prumerge/convert";
import { decodePicture, preprocess } from "prumerge/image";
import { applyPlan, mergePlan, noReduction, pruMerge, pruMergePlus } from "prumerge/reduce";
import { ReductionGraph } from "../support/in-graph-reduction.js";
import type { EveryPosition } from "./every-position.js";
import type { Form } from "./outcome.js";

/** What the official run of a whole model recorded, for one picture and one way of reducing it. */
export interface RecordedAnswer {
  readonly pixels: PixelValues;
  /** The picture file that they were made from. */
  readonly file: string;
  readonly keptPatches: readonly number[] | undefined;
  /** [R, C] before the projector. */
  readonly merged?: Float32Array;
  /** [R, D], what the language model got. */
  readonly projected: Float32Array;
  readonly inputsEmbeds?: Float32Array;
  /** Logits [rows, V] of the last positions of the prompt; all of them or fewer. */
  readonly logits: Float32Array;
  readonly greedyIds: readonly number[];
  /** [greedy ids, V] */
  readonly greedyLogits: Float32Array;
  readonly sequenceLength: number;
  /** With a run of `placeholder` in place of the picture. */
  readonly inputIds: Int32Array;
  readonly placeholder: number;
}

/** Absolute tolerances of the recordings' README. */
const tolerances = { merged: 1e-4, projected: 1e-4, embeddings: 1e-4, logits: 1e-3 } as const;

/** How a case reduces: by a method, or, where its selection rule is not ours, from the recorded kept patches. */
export type Recipe =
  | { readonly kind: "method"; readonly reducer: Reducer }
  | { readonly kind: "given"; readonly keptPatches: readonly number[] };

export function recipeFor(caseName: string, keptPatches: readonly number[] | undefined): Recipe {
  if (caseName.endsWith("-full")) return { kind: "method", reducer: noReduction() };
  if (caseName.includes("-siglip-prumerge")) return { kind: "given", keptPatches: keptPatches! };
  if (caseName.endsWith("-prumerge-plus")) return { kind: "method", reducer: pruMergePlus() };
  if (caseName.endsWith("-prumerge")) return { kind: "method", reducer: pruMerge() };
  throw new Error(`${caseName}: a way of reducing that the replay does not know`);
}

/** The reducer that carries a recipe out in one form. */
export async function reducerFor(
  recipe: Recipe,
  form: Form,
  model: LoadedModel,
  pixels: PixelValues,
): Promise<Reducer> {
  if (recipe.kind === "given") {
    if (form === "planner") return outside("prumerge+", (signals) => mergePlan(signals, recipe.keptPatches));
    const { signals } = await model.see(pixels, noReduction(), { signals: true });
    const plan = await mergedInGraph(signals![0]!, recipe.keptPatches);
    return outside("prumerge+", () => plan);
  }
  const { reducer } = recipe;
  return form === "in-graph" ? reducer : outside(reducer.method, (signals) => reducer.plan(signals));
}

/** What the graph's merging makes of given kept patches, as a plan. */
export async function mergedInGraph(signals: Signals, keptPatches: readonly number[]): Promise<MergePlan> {
  const graph = new ReductionGraph();
  const { weights } = await graph.mergeGiven(signals, keptPatches);
  await graph.dispose();
  const entries = Array.from(weights.data.keys()).filter((at) => weights.data[at] !== 0);
  const before = (row: number) => entries.filter((at) => at < row * weights.columns).length;
  return {
    patches: weights.columns,
    keptPatches: Int32Array.from({ length: weights.rows }, (_, row) => keptPatches[row] ?? -1),
    offsets: Int32Array.from({ length: weights.rows + 1 }, (_, row) => before(row)),
    columns: Int32Array.from(entries, (at) => at % weights.columns),
    weights: Float32Array.from(entries, (at) => weights.data[at]!),
  };
}

/** A reducer that is planned beside the graph, whatever the method's own can do. */
export function outside(method: string, plan: Reducer["plan"]): Reducer {
  return { method, budget: { kind: "rule" }, options: {}, plan };
}

/** Replays one recorded answer through a loaded model; returns what differs, in words. */
export async function checkAnswer(
  model: LoadedModel,
  everyPosition: EveryPosition,
  reducer: Reducer,
  question: Question,
  recorded: RecordedAnswer,
): Promise<string[]> {
  const seen = await model.see(recorded.pixels, reducer, { signals: true });
  const misses = [...checkPlanOf(seen, recorded), ...checkVisual(seen, recorded)];
  const { data } = seen.embeddings;
  const embeddings = await everyPosition.embeddings(recorded.inputIds, recorded.placeholder, data);
  if (recorded.inputsEmbeds) {
    misses.push(...apart("prompt embeddings", embeddings, recorded.inputsEmbeds, tolerances.embeddings));
  }
  const vocabulary = recorded.greedyLogits.length / recorded.greedyIds.length;
  const logits = recordedColumns(await everyPosition.logits(embeddings), model, vocabulary);
  const last = logits.subarray(logits.length - recorded.logits.length);
  misses.push(...apart("logits", last, recorded.logits, tolerances.logits));
  const answer = await model.answer(seen, question, {
    maxNewTokens: recorded.greedyIds.length,
    keepLogits: true,
  }).result;
  return [
    ...misses,
    ...checkGreedy(answer, model, recorded),
    ...(await checkFile(model, reducer, question, recorded)),
  ];
}

function checkPlanOf(seen: VisualTokens, { keptPatches }: RecordedAnswer): string[] {
  if (keptPatches === undefined) return [];
  const ours = keptOf(seen.plan);
  return ours.join() === keptPatches.join()
    ? []
    : [`kept ${ours.join(" ")}, recorded ${keptPatches.join(" ")}`];
}

function keptOf(plan: MergePlan): number[] {
  return [...plan.keptPatches].filter((patch) => patch >= 0);
}

function checkVisual(seen: VisualTokens, { merged, projected }: RecordedAnswer): string[] {
  const misses = apart("projected", seen.embeddings.data, projected, tolerances.projected);
  if (merged === undefined) return misses;
  const largest = merged.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const ours = applyPlan(seen.plan, seen.signals![0]!.patches).data;
  return [...misses, ...apart("merged tokens", ours, merged, tolerances.merged * largest)];
}

function checkGreedy(answer: AnswerResult, model: LoadedModel, recorded: RecordedAnswer): string[] {
  const misses: string[] = [];
  const { tokenIds, promptTokens } = answer;
  if (promptTokens !== recorded.sequenceLength) {
    misses.push(`prompt of ${promptTokens} tokens, recorded ${recorded.sequenceLength}`);
  }
  if (tokenIds.join() !== recorded.greedyIds.join()) {
    misses.push(`greedy ${tokenIds.join(" ")}, recorded ${recorded.greedyIds.join(" ")}`);
  }
  const vocabulary = recorded.greedyLogits.length / recorded.greedyIds.length;
  const rows = Float32Array.from(answer.logits!.flatMap((row) => [...row]));
  const logits = recordedColumns(rows, model, vocabulary);
  return [...misses, ...apart("greedy logits", logits, recorded.greedyLogits, tolerances.logits)];
}

/** The same answer from the picture file, decoded and preprocessed by us. */
async function checkFile(
  model: LoadedModel,
  reducer: Reducer,
  question: Question,
  { file, greedyIds }: RecordedAnswer,
): Promise<string[]> {
  const seen = await model.see(file, reducer);
  const { tokenIds } = await model.answer(seen, question, { maxNewTokens: greedyIds.length }).result;
  const same = tokenIds.join() === greedyIds.join();
  return same ? [] : [`from the file: greedy ${tokenIds.join(" ")}, recorded ${greedyIds.join(" ")}`];
}

/** Logits of the tokens that the official run knew: the converter may add an image token behind them. */
function recordedColumns(logits: Float32Array, { spec }: LoadedModel, vocabulary: number): Float32Array {
  const { vocabularySize } = spec.language;
  return logits.filter((_, at) => at % vocabularySize < vocabulary);
}

/** Our pixel values of the picture file; where it was resized, two steps of 8 bits may lie between ours and Pillow's. */
export async function checkPixels(
  { preprocessing }: ModelFolder,
  { file, pixels }: RecordedAnswer,
): Promise<string[]> {
  const picture = await decodePicture(file);
  const [recorded] = pixels.views;
  const resized = picture.width !== recorded!.width || picture.height !== recorded!.height;
  const tolerance = resized ? 2 / 255 / Math.min(...preprocessing.deviation) : 1e-6;
  return apart("pixel values", preprocess(picture, preprocessing).views[0]!.data, recorded!.data, tolerance);
}

/** A miss where two arrays differ by more than the tolerance anywhere. */
export function apart(what: string, ours: Float32Array, recorded: Float32Array, tolerance: number): string[] {
  if (ours.length !== recorded.length)
    return [`${what}: ${ours.length} numbers, recorded ${recorded.length}`];
  let most = 0;
  for (let i = 0; i < ours.length; i++) most = Math.max(most, Math.abs(ours[i]! - recorded[i]!));
  return most <= tolerance ? [] : [`${what} off by ${most}`];
}
