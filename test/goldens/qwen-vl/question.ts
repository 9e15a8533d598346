import { join } from "node:path";
import type { Reducer, VisualTokens } from "prumerge";
import { cdPruner, openVinoPruning } from "prumerge/reduce";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { tensorName } from "./case.js";
import { axesOf, type ModelCase, type Opened, promptUnits } from "./model.js";

/** CDPruner's function, or OpenVINO's variant of it with its own positions, told of the prompt. */
interface QuestionCase {
  readonly name: string;
  readonly parameters: {
    readonly visual_token_num?: number;
    readonly pruning_ratio?: number;
    readonly relevance_weight?: number;
    readonly split_threshold?: number;
  };
  readonly inputs: ModelCase["inputs"] & { readonly file: string; readonly image_embeds: string };
  readonly expected_file: string;
  readonly expected: {
    readonly kept_indices: readonly (readonly number[])[];
    readonly position_ids?: string;
    readonly next_position?: number;
    readonly logits_last?: string;
    readonly greedy_ids?: readonly number[] | null;
  };
  /** Where rounding made another choice than the formula. */
  readonly ambiguous?: string;
  readonly float64_kept_indices?: readonly (readonly number[])[];
}

export async function questionMisses(
  folder: string,
  test: QuestionCase,
  { model }: Opened,
): Promise<string[]> {
  const { inputs, expected, float64_kept_indices: exact } = test;
  const tensors = readFixture(join(folder, test.expected_file));
  const prompt = { prompt: inputs.prompt };
  const seen: VisualTokens[] = [];
  for (const file of inputs.images)
    seen.push(await model.see(join(folder, file), reducerOf(test), { question: prompt, positions: "tight" }));
  const kept = seen.map(({ plan }) => [...plan.keptPatches]);
  const theirs = test.ambiguous === undefined ? expected.kept_indices : exact!;
  if (JSON.stringify(kept) !== JSON.stringify(theirs)) return [`kept ${JSON.stringify(kept)}`];
  if (test.ambiguous !== undefined || expected.position_ids === undefined) return [];
  const ids = integers(
    readFixture(join(folder, inputs.file)),
    inputs.image_embeds.replace("image_embeds", "input_ids"),
  );
  const { axes, next } = axesOf(promptUnits(ids, inputs.image_token_id, seen));
  const misses: string[] = [];
  if (axes.join() !== integers(tensors, tensorName(expected.position_ids)).join())
    misses.push(`positions ${axes.join(" ")}`);
  if (next !== expected.next_position) misses.push(`next position ${next}`);
  const answer = await model.answer(seen, prompt, {
    maxNewTokens: expected.greedy_ids?.length ?? 1,
    keepLogits: true,
  }).result;
  const logits = floats(tensors, tensorName(expected.logits_last!));
  misses.push(...apart("logits", answer.logits![0]!, logits, 1e-3));
  const greedy = expected.greedy_ids ?? [];
  if (greedy.length > 0 && answer.tokenIds.join() !== greedy.join())
    misses.push(`greedy ${answer.tokenIds.join(" ")}`);
  return misses;
}

function reducerOf({ parameters }: QuestionCase): Reducer {
  const { visual_token_num: tokens, pruning_ratio: pruned, relevance_weight, split_threshold } = parameters;
  if (tokens !== undefined) return cdPruner({ tokens });
  return openVinoPruning({
    keepRatio: 1 - pruned! / 100,
    relevanceWeight: relevance_weight!,
    halves: split_threshold! > 0,
  });
}
