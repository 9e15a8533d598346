import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedModel, loadModel, type MergePlan, type Reducer, type VisualTokens } from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import { decodePicture, preprocess } from "prumerge/image";
import { noReduction, type Signals } from "prumerge/reduce";
import { promptPlaces } from "../../../src/generate/prompt.js";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { EveryPosition } from "../every-position.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult, guardedLater } from "../outcome.js";
import { type Checksum, type QwenCase, tensorName } from "./case.js";
import { checksumMisses, patchRows } from "./processor.js";

const tolerances = { features: 1e-4, logits: 1e-3 } as const;

/** A whole tiny model, unreduced, with given patches kept, or with a given matrix. */
export interface ModelCase extends QwenCase {
  readonly inputs: {
    readonly model: string;
    readonly images: readonly string[];
    readonly prompt: string;
    readonly image_token_id: number;
  };
  readonly expected_file: string;
  readonly expected: {
    readonly image_grid_thw: readonly (readonly number[])[];
    readonly visual_tokens_full: readonly number[];
    readonly visual_tokens: readonly number[];
    readonly kept_indices: readonly (readonly number[])[] | null;
    readonly merge_matrix: string | null;
    readonly sequence_length: number;
    readonly input_ids: string;
    readonly position_ids: string;
    readonly next_position: number;
    readonly image_embeds: string;
    readonly deepstack: readonly string[] | null;
    readonly image_rows: string;
    readonly logits: string;
    readonly greedy_ids: readonly number[] | null;
    readonly greedy_logits: string | null;
    readonly pixel_values_checksum?: Checksum;
    /** Of the layer that methods read; per patch, but `tokens_heads`. */
    readonly signal?: Readonly<
      Record<"attention_heads" | "attention_full_width" | "keys" | "tokens_heads", string>
    >;
  };
}

/** How a case of a whole model is replayed: what differs, in words. */
export type ModelReplay = (folder: string, test: never, opened: Opened) => Promise<readonly string[]>;

/** Replays cases of whole models: converted, loaded, shown the picture files and asked. */
export async function replayModels(
  folder: string,
  cases: readonly ModelCase[],
  replayOf: (test: ModelCase) => ModelReplay,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const name of new Set(cases.map(({ inputs }) => inputs.model))) {
    const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
    try {
      const converted = await convert(join(folder, name), join(temporary, name), { dtype: "fp32" });
      const model = await loadModel(converted.path);
      const batching = await loadModel(converted.path, { batch: { most: 4, bytes: 2 ** 28 } });
      const everyPosition = new EveryPosition(converted);
      for (const test of cases.filter(({ inputs }) => inputs.model === name))
        results.push(
          await guardedLater(test.name, async () =>
            caseResult(
              test.name,
              true,
              await replayOf(test)(folder, test as never, { converted, model, batching, everyPosition }),
            ),
          ),
        );
      await Promise.all([model.dispose(), batching.dispose()]);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return results;
}

export interface Opened {
  readonly converted: ModelFolder;
  readonly model: LoadedModel;
  /** The same, whose answers share runs. */
  readonly batching: LoadedModel;
  readonly everyPosition: EveryPosition;
}

export async function modelMisses(
  folder: string,
  test: ModelCase,
  { converted, model, batching, everyPosition }: Opened,
): Promise<string[]> {
  const { inputs, expected } = test;
  const tensors = readFixture(join(folder, test.expected_file));
  const files = inputs.images.map((file) => join(folder, file));
  const misses: string[] = [];
  if (expected.pixel_values_checksum !== undefined) {
    const { patchSize } = model.spec.vision;
    const parameters = { patch_size: patchSize, merge_size: converted.preprocessing.size / patchSize };
    const all: Float32Array[] = [];
    for (const file of files)
      all.push(patchRows(preprocess(await decodePicture(file), converted.preprocessing), parameters));
    const together = Float32Array.from(all.flatMap((part) => [...part]));
    misses.push(...checksumMisses(together, expected.pixel_values_checksum));
  }
  const seen: VisualTokens[] = [];
  for (const [at, file] of files.entries()) seen.push(await model.see(file, reducerOf(test, tensors, at)));
  const counts = seen.map(({ embeddings }) => embeddings.rows);
  if (counts.join() !== expected.visual_tokens.join()) misses.push(`${counts.join(" and ")} visual tokens`);
  misses.push(...rowMisses(model, test, tensors, seen));
  if (expected.signal !== undefined)
    misses.push(
      ...signalMisses(await model.see(files[0]!, noReduction(), { signals: true }), expected.signal, tensors),
    );
  const ids = integers(tensors, tensorName(expected.input_ids));
  const units = promptUnits(ids, inputs.image_token_id, seen);
  const { axes, next } = axesOf(units);
  if (axes.join() !== integers(tensors, tensorName(expected.position_ids)).join())
    misses.push(`positions ${axes.join(" ")}`);
  if (next !== expected.next_position) misses.push(`next position ${next}`);
  const rows = seen.map(({ embeddings }) => embeddings.data);
  const embeddings = await everyPosition.embeddings(ids, inputs.image_token_id, ...rows);
  const recorded = floats(tensors, tensorName(expected.logits));
  const logits = await everyPosition.logits(embeddings, axes);
  misses.push(
    ...apart("logits", logits.subarray(logits.length - recorded.length), recorded, tolerances.logits),
  );
  for (const answering of [model, batching, batching, batching].map((one) =>
    greedyMisses(one, seen, test, tensors),
  ))
    misses.push(...(await answering));
  return misses;
}

/** What differs of an answer; several may be under way at once. */
async function greedyMisses(
  model: LoadedModel,
  seen: readonly VisualTokens[],
  { inputs, expected }: ModelCase,
  tensors: ReadonlyMap<string, FixtureTensor>,
): Promise<string[]> {
  if (expected.greedy_ids === null) return [];
  const misses: string[] = [];
  const answer = await model.answer(
    seen,
    { prompt: inputs.prompt },
    { maxNewTokens: expected.greedy_ids.length, keepLogits: true },
  ).result;
  if (answer.tokenIds.join() !== expected.greedy_ids.join())
    misses.push(`greedy ${answer.tokenIds.join(" ")}`);
  if (answer.promptTokens !== expected.sequence_length)
    misses.push(`${answer.promptTokens} tokens of prompt`);
  if (expected.greedy_logits !== null) {
    const greedy = Float32Array.from(answer.logits!.flatMap((row) => [...row]));
    const theirs = floats(tensors, tensorName(expected.greedy_logits));
    misses.push(...apart("greedy logits", greedy, theirs, tolerances.logits));
  }
  return misses;
}

/** What methods read of the tower, against the recorded: means over the patches of each token. */
function signalMisses(
  { signals }: VisualTokens,
  recorded: NonNullable<ModelCase["expected"]["signal"]>,
  tensors: ReadonlyMap<string, FixtureTensor>,
): string[] {
  const [{ keys, classAttention, headAttention, layers }] = signals! as [Signals];
  const count = headAttention!.length;
  const pooled = (name: string) => {
    const all = floats(tensors, tensorName(name));
    const per = tensors.get(tensorName(name))!.shape[0]! / count;
    const width = all.length / count / per;
    return Float32Array.from({ length: count * width }, (_, at) => {
      const [token, c] = [Math.floor(at / width), at % width];
      let sum = 0;
      for (let patch = token * per; patch < (token + 1) * per; patch++) sum += all[patch * width + c]!;
      return sum / per;
    });
  };
  const scores = (what: string, ours: Float32Array, theirs: Float32Array) =>
    apart(
      what,
      ours.map((score) => score * count),
      theirs.map((score) => score * count),
      1e-5,
    );
  return [
    ...scores("attention of heads", headAttention!, floats(tensors, tensorName(recorded.tokens_heads))),
    ...scores("attention of heads, pooled", headAttention!, pooled(recorded.attention_heads)),
    ...scores("attention of full width", classAttention!, pooled(recorded.attention_full_width)),
    ...apart("keys", keys.data, pooled(recorded.keys), tolerances.features),
    ...apart("keys of layer -2", layers![-2]!.keys.data, pooled(recorded.keys), tolerances.features),
  ];
}

/** Ids with each run of placeholders as one picture. */
export function promptUnits(ids: Int32Array, placeholder: number, pictures: readonly VisualTokens[]) {
  const rest = pictures.values();
  return [...ids].flatMap((id, at): (number | VisualTokens)[] => {
    if (id !== placeholder) return [id];
    return ids[at - 1] === placeholder ? [] : [rest.next().value as VisualTokens];
  });
}

/** The three coordinates of every row of a prompt, one axis after another, and where text goes on. */
export function axesOf(units: readonly (number | VisualTokens)[]): { axes: number[]; next: number } {
  const { positions, next } = promptPlaces(units, 0);
  const axes = [0, 1, 2].flatMap((axis) =>
    positions.map((position) => (typeof position === "number" ? position : position[axis]!)),
  );
  return { axes, next };
}

/** Rows of all pictures, one below another, against what is recorded of them: the tower's, and those of earlier layers. */
function rowMisses(
  { spec }: LoadedModel,
  { expected }: ModelCase,
  tensors: ReadonlyMap<string, FixtureTensor>,
  seen: readonly VisualTokens[],
): string[] {
  const width = spec.language.hiddenSize;
  const part = (number: number) =>
    Float32Array.from(
      seen.flatMap(({ embeddings: { rows, columns, data } }) =>
        Array.from({ length: rows }, (_, row) => [
          ...data.subarray(row * columns + number * width, row * columns + (number + 1) * width),
        ]).flat(),
      ),
    );
  const misses =
    expected.kept_indices !== null && expected.merge_matrix === null
      ? apart(
          "rows",
          part(0),
          keptRows(expected, floats(tensors, expected.image_embeds), width),
          tolerances.features,
        )
      : apart("rows", part(0), floats(tensors, tensorName(expected.image_rows)), tolerances.features);
  const unreduced = expected.kept_indices === null;
  const deep = unreduced ? (expected.deepstack ?? []) : [];
  return [
    ...misses,
    ...deep.flatMap((name, at) =>
      apart(`rows of layer ${at}`, part(1 + at), floats(tensors, tensorName(name)), tolerances.features),
    ),
  ];
}

function keptRows(
  { kept_indices, visual_tokens_full }: ModelCase["expected"],
  all: Float32Array,
  width: number,
): Float32Array {
  let first = 0;
  const kept = kept_indices!.flatMap((indices, picture) => {
    const rows = indices.map((index) => first + index);
    first += visual_tokens_full[picture]!;
    return rows;
  });
  return Float32Array.from(kept.flatMap((row) => [...all.subarray(row * width, (row + 1) * width)]));
}

/** What was recorded of one picture, as a reducer. */
function reducerOf(
  { expected }: ModelCase,
  tensors: ReadonlyMap<string, FixtureTensor>,
  picture: number,
): Reducer {
  const { kept_indices: kept, visual_tokens_full: full, merge_matrix: matrix } = expected;
  if (kept === null) return noReduction();
  const before = (counts: readonly number[]) =>
    counts.slice(0, picture).reduce((sum, count) => sum + count, 0);
  const own = kept[picture]!;
  const columns = full[picture]!;
  const weights = matrix === null ? undefined : floats(tensors, tensorName(matrix));
  const all = full.reduce((sum, count) => sum + count, 0);
  const [top, left] = [before(kept.map(({ length }) => length)), before(full)];
  const entries = own.flatMap((patch, row) => {
    if (weights === undefined) return [{ row, column: patch, weight: 1 }];
    const line = weights.subarray((top + row) * all + left, (top + row) * all + left + columns);
    return Array.from(line, (weight, column) => ({ row, column, weight })).filter(
      ({ weight }) => weight !== 0,
    );
  });
  const plan: MergePlan = {
    patches: columns,
    keptPatches: Int32Array.from(own),
    offsets: Int32Array.from(
      { length: own.length + 1 },
      (_, row) => entries.filter((one) => one.row < row).length,
    ),
    columns: Int32Array.from(entries, ({ column }) => column),
    weights: Float32Array.from(entries, ({ weight }) => weight),
  };
  return {
    method: "recorded",
    budget: { kind: "exact", rows: own.length },
    options: {},
    need: {},
    plan: () => plan,
  };
}
