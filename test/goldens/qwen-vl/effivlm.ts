import { join } from "node:path";
import type { Reducer, VisualTokens } from "prumerge";
import { pruMergePlus, visionZip } from "prumerge/reduce";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { tensorName } from "./case.js";
import { axesOf, type ModelCase, type Opened, promptUnits } from "./model.js";

/** EffiVLM-Bench's reducers on a whole model. */
interface EffivlmCase {
  readonly name: string;
  readonly parameters: { readonly budgets: number; readonly N: number };
  readonly inputs: ModelCase["inputs"] & { readonly file: string };
  readonly expected_file: string;
  readonly expected: {
    readonly selection_order: readonly number[];
    readonly row_order: "selection_order" | "kept_sorted";
    readonly kept_sorted: readonly number[];
    readonly score: string;
    readonly image_rows: string;
    readonly position_ids: string;
    readonly next_position: number;
    readonly sequence_length: number;
    readonly logits: string;
    readonly greedy_ids: readonly number[] | null;
  };
}

const tolerances = { rows: 1e-4, logits: 1e-3 } as const;

export async function effivlmMisses(folder: string, test: EffivlmCase, { model }: Opened): Promise<string[]> {
  const { inputs, expected } = test;
  const tensors = readFixture(join(folder, test.expected_file));
  const of = (name: string) => floats(tensors, tensorName(name));
  const seen = await model.see(join(folder, inputs.images[0]!), reducerOf(test), { signals: true });
  const misses: string[] = [];
  const kept = [...seen.plan.keptPatches];
  if (kept.join() !== expected[expected.row_order].join()) return [`kept ${kept.join(" ")}`];
  const { N: count } = test.parameters;
  const scores = (values: Float32Array) => values.map((value) => value * count);
  const score = seen.signals![0]!.headAttention!;
  misses.push(...apart("score", scores(score), scores(of(expected.score)), 1e-5));
  const recorded = of(expected.image_rows);
  misses.push(...rowMisses(seen, recorded, expected.row_order === "kept_sorted"));
  const published = asPublished(seen, recorded);
  const ids = integers(readFixture(join(folder, inputs.file)), "one.input_ids");
  const { axes, next } = axesOf(promptUnits(ids, inputs.image_token_id, [published]));
  if (axes.join() !== integers(tensors, tensorName(expected.position_ids)).join())
    misses.push(`positions ${axes.join(" ")}`);
  if (next !== expected.next_position) misses.push(`next position ${next}`);
  const answer = await model.answer(
    [published],
    { prompt: inputs.prompt },
    { maxNewTokens: expected.greedy_ids?.length ?? 1, keepLogits: true },
  ).result;
  if (answer.promptTokens !== expected.sequence_length)
    misses.push(`${answer.promptTokens} tokens of prompt`);
  misses.push(...apart("logits", answer.logits![0]!, of(expected.logits), tolerances.logits));
  if (expected.greedy_ids !== null && answer.tokenIds.join() !== expected.greedy_ids.join())
    misses.push(`greedy ${answer.tokenIds.join(" ")}`);
  return misses;
}

/** The program's counts, which it works out of a share. */
function reducerOf({ name, parameters: { budgets, N } }: EffivlmCase): Reducer {
  if (!name.includes("visionzip")) {
    const tokens = Math.max(1, Math.trunc(N * budgets));
    return pruMergePlus({ compatibility: "effivlm", tokens, globalToken: false, perHeadAttention: true });
  }
  const share = (part: number) => Math.max(1, Math.trunc((N * budgets * part) / 6.4));
  const contextual = share(1);
  return visionZip({ tokens: share(5.4) + contextual, contextual, order: "raster" });
}

/**
 * Rows against the recorded; of VisionZip's contextual ones, whose mean the program rounds to bfloat16, but for that rounding.
 */
function rowMisses({ plan, embeddings }: VisualTokens, recorded: Float32Array, rounded: boolean): string[] {
  const { columns, data } = embeddings;
  const largest = recorded.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const wrong = [...plan.keptPatches.keys()].filter((row) => {
    const mixed = rounded && plan.offsets[row + 1]! - plan.offsets[row]! > 1;
    const slack = mixed ? largest / 2 ** 8 : tolerances.rows * Math.max(1, largest);
    const span = [row * columns, (row + 1) * columns] as const;
    const theirs = recorded.subarray(...span);
    return data.subarray(...span).some((value, c) => !(Math.abs(value - theirs[c]!) <= slack));
  });
  return wrong.length === 0 ? [] : [`rows ${wrong.join(" ")}`];
}

/** The rows as recorded, at ascending positions whatever their order: as that program hands them to its language model. */
function asPublished(seen: VisualTokens, data: Float32Array): VisualTokens {
  const kept = seen.plan.keptPatches;
  const ascending = [...kept.keys()].sort((a, b) => kept[a]! - kept[b]!);
  const { at, rows, columns, advance } = seen.place!;
  const sorted = (axis: Int32Array) => Int32Array.from(ascending, (row) => axis[row]!);
  return {
    ...seen,
    embeddings: { ...seen.embeddings, data },
    place: { at: sorted(at), rows: sorted(rows!), columns: sorted(columns!), advance },
  };
}
