import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedModel, loadModel, type PixelValues, type VisualTokens } from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import { decodePicture, preprocess } from "prumerge/image";
import { type MergePlan, noReduction, type Reducer } from "prumerge/reduce";
import { viewPatches } from "../../../src/families/smolvlm/partial-view.js";
import { type PromptUnit, promptPlaces, splice, unitTokens } from "../../../src/generate/prompt.js";
import { createTokenizer, type TextTokenizer } from "../../../src/generate/tokenizer.js";
import { squareModel } from "../../../src/models/spec.js";
import { oneHotRows } from "../../../src/reduce/one-hot.js";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { EveryPosition } from "../every-position.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult } from "../outcome.js";
import type { ModelCase } from "./case.js";
import { bytesOf, hashOf, interleaved } from "./processor.js";

const tolerances = { rows: 1e-4, keys: 1e-4, scores: 1e-5, logits: 1e-3 } as const;

/** Replays the cases of whole models: converted, loaded, shown the picture files and asked. */
export async function replayModels(folder: string, cases: readonly ModelCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const name of new Set(cases.map(({ inputs }) => inputs.model))) {
    const opened = await openModel(folder, name);
    try {
      for (const test of cases.filter(({ inputs }) => inputs.model === name))
        results.push(caseResult(test.name, true, await caseMisses(folder, opened, test)));
    } finally {
      await opened.dispose();
    }
  }
  return results;
}

interface OpenedModel {
  readonly converted: ModelFolder;
  readonly model: LoadedModel;
  readonly tokenizer: TextTokenizer;
  readonly everyPosition: EveryPosition;
  dispose(): Promise<void>;
}

async function openModel(folder: string, name: string): Promise<OpenedModel> {
  const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
  const converted = await convert(join(folder, name), join(temporary, name), { dtype: "fp32" });
  const model = await loadModel(converted.path);
  const read = async (file: string) => JSON.parse(await readFile(join(converted.path, file), "utf8"));
  const files = [await read("tokenizer.json"), await read("tokenizer_config.json")] as const;
  return {
    converted,
    model,
    tokenizer: createTokenizer(...files, converted.path),
    everyPosition: new EveryPosition(converted),
    async dispose() {
      await model.dispose();
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

type Tensors = ReadonlyMap<string, FixtureTensor>;

async function caseMisses(folder: string, opened: OpenedModel, test: ModelCase): Promise<string[]> {
  const { inputs, expected } = test;
  const { model, converted, everyPosition, tokenizer } = opened;
  const tensors = readFixture(join(folder, test.expected_file));
  const pictures = await pixelsOf(folder, converted, test, tensors);
  const positions = test.parameters.positions ?? "contiguous";
  const reducer = inputs.kept_indices === undefined ? noReduction() : givenRows(test, tensors);
  const seen: VisualTokens[] = [];
  for (const pixels of pictures) seen.push(await model.see(pixels, reducer, { positions, signals: true }));
  const misses = inputs.kept_indices === undefined ? visionMisses(opened, test, tensors, pictures, seen) : [];
  misses.push(...countMisses(test, seen));

  const prompts = {
    tokenizer,
    bosToken: undefined,
    imageToken: converted.imageToken,
    imageTokenId: converted.spec.imageTokenId,
  };
  const units = splice(inputs.prompt, seen, prompts);
  const ids = units.flatMap((unit) =>
    typeof unit === "number" ? [unit] : Array<number>(unitTokens(unit)).fill(inputs.image_token_id),
  );
  const recordedIds = integers(tensors, expected.input_ids);
  if (ids.join() !== recordedIds.join()) misses.push(`ids ${ids}, recorded ${recordedIds}`);
  const places = promptPlaces(units, 0);
  if (places.next !== expected.next_position) misses.push(`goes on at ${places.next}`);
  if (expected.position_ids) {
    const recorded = integers(tensors, expected.position_ids);
    if (places.positions.join() !== recorded.join()) misses.push(`positions ${places.positions}`);
  }

  const embeddings = await promptEmbeddings(opened, units);
  if (expected.inputs_embeds) {
    const recorded = floats(tensors, expected.inputs_embeds);
    misses.push(...apart("prompt embeddings", embeddings, recorded, tolerances.rows));
  }
  const logits = await everyPosition.logits(embeddings, places.positions as readonly number[]);
  const recorded = floats(tensors, (expected.logits ?? expected.logits_last_4)!);
  misses.push(
    ...apart("logits", logits.subarray(logits.length - recorded.length), recorded, tolerances.logits),
  );

  const answer = await model.answer(
    seen,
    { prompt: inputs.prompt },
    { maxNewTokens: expected.greedy_ids.length, keepLogits: true },
  ).result;
  if (String(answer.tokenIds) !== String(expected.greedy_ids)) misses.push(`greedy ${answer.tokenIds}`);
  if (answer.promptTokens !== expected.sequence_length)
    misses.push(`${answer.promptTokens} tokens of prompt`);
  const greedy = Float32Array.from(answer.logits!.flatMap((row) => [...row]));
  const recordedGreedy = floats(tensors, (expected.greedy_logits ?? expected.greedy_logits_first_4)!);
  misses.push(
    ...apart("greedy logits", greedy.subarray(0, recordedGreedy.length), recordedGreedy, tolerances.logits),
  );
  return misses;
}

/** The pictures as the tower takes them: of the files, or the recorded view with its mask. */
async function pixelsOf(
  folder: string,
  { preprocessing }: ModelFolder,
  { inputs }: ModelCase,
  tensors: Tensors,
): Promise<PixelValues[]> {
  const aspect = inputs.do_image_splitting ? "anyres" : "stretch";
  if (inputs.images !== null)
    return Promise.all(
      inputs.images.map(async (file) =>
        preprocess(await decodePicture(join(folder, file)), preprocessing, { aspect }),
      ),
    );
  const [width, height] = [preprocessing.size, preprocessing.size];
  const mask = Uint8Array.from(integers(tensors, inputs.pixel_attention_mask!));
  const data = floats(tensors, inputs.pixel_values!);
  const rectangle = { x: 0, y: 0, width, height };
  return [{ views: [{ data, height, width, rectangle, frame: 0, mask }], picture: { width, height } }];
}

/** Plans the recorded rows of one view after another, over all pictures. */
function givenRows({ inputs }: ModelCase, tensors: Tensors): Reducer {
  const kept = inputs.kept_indices!;
  const weights = inputs.merge_matrix ? floats(tensors, inputs.merge_matrix) : undefined;
  let view = 0;
  let row = 0;
  return {
    method: "given",
    budget: { kind: "rule" },
    options: {},
    plan({ patches: { rows: patches } }) {
      const own = Int32Array.from(kept[view++]!);
      const from = row;
      row += own.length;
      return weights === undefined
        ? oneHotRows(patches, own)
        : densePlan(own, weights.subarray(from * patches, row * patches), patches);
    },
  };
}

function densePlan(kept: Int32Array, weights: Float32Array, patches: number): MergePlan {
  return {
    patches,
    keptPatches: kept,
    offsets: Int32Array.from({ length: kept.length + 1 }, (_, row) => row * patches),
    columns: Int32Array.from(weights, (_, at) => at % patches),
    weights,
  };
}

/** What differs of the views, the rows and what methods read. */
function visionMisses(
  { converted }: OpenedModel,
  { expected }: ModelCase,
  tensors: Tensors,
  pictures: readonly PixelValues[],
  seen: readonly VisualTokens[],
): string[] {
  const views = pictures.flatMap((pixels) => pixels.views);
  const misses = views.length === expected.views ? [] : [`${views.length} views`];
  if (expected.uint8_views_sha256) {
    const bytes = bytesOf(joined(views), converted.preprocessing);
    if (hashOf(interleaved(bytes, converted.preprocessing.size)) !== expected.uint8_views_sha256)
      misses.push("other bytes");
  }
  const positions = views.flatMap((view) => [
    ...viewPatches(view, squareModel(converted.spec).vision).positions,
  ]);
  if (positions.join() !== integers(tensors, expected.position_ids_vision!).join())
    misses.push("other positions in the tower");
  const signals = seen.flatMap((one) => one.signals!.map((own) => own!));
  const compare = (what: string, ours: Float32Array, name: string | undefined, tolerance: number) =>
    misses.push(...apart(what, ours, floats(tensors, name!), tolerance));
  const rows = joined(seen.map(({ embeddings }) => embeddings));
  compare("rows", rows, expected.image_hidden_states, tolerances.rows);
  compare(
    "patches",
    joined(signals.map(({ patches }) => patches)),
    expected.image_hidden_states,
    tolerances.rows,
  );
  compare("keys", joined(signals.map(({ keys }) => keys)), expected.pooled_keys, tolerances.keys);
  const scores = (of: "classAttention" | "headAttention") =>
    joined(signals.map((one) => ({ data: one[of]! })));
  compare("scores", scores("classAttention"), expected.score_full_width, tolerances.scores);
  compare("scores of heads", scores("headAttention"), expected.score_per_head, tolerances.scores);
  return misses;
}

function countMisses({ expected }: ModelCase, seen: readonly VisualTokens[]): string[] {
  if (expected.visual_tokens === undefined) return [];
  const counts = seen.flatMap(({ parted }) => parted!.runs.map(({ embeddings }) => embeddings.rows));
  return counts.join() === expected.visual_tokens.join() ? [] : [`rows per view ${counts}`];
}

/** [L, D] of a prompt's units. */
async function promptEmbeddings(
  { everyPosition }: OpenedModel,
  units: readonly PromptUnit[],
): Promise<Float32Array> {
  const ids = units.filter((unit) => typeof unit === "number");
  const words = await everyPosition.embeddings(Int32Array.from(ids), -1);
  const width = words.length / ids.length;
  let word = 0;
  return joined(
    units.map((unit) =>
      typeof unit === "number" ? { data: words.subarray(word * width, ++word * width) } : unit.embeddings,
    ),
  );
}

function joined(parts: readonly { readonly data: Float32Array }[]): Float32Array {
  return Float32Array.from(parts.flatMap(({ data }) => [...data]));
}
