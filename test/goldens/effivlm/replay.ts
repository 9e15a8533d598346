import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classAttention, pruMergePlus, type Signals } from "prumerge/reduce";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult, guardedLater } from "../outcome.js";
import type { RecordedPicture } from "../prumerge/case.js";
import { differences } from "../prumerge/compare.js";
import { countOutliers, mergedTokens, order } from "../prumerge/derive.js";
import { planner } from "../prumerge/replay.js";
import { refusalDifference } from "../selected.js";
import { towerSignals } from "../tower-signals.js";

/** One case of the effivlm_siglip_prumerge_plus family as its manifest has it. */
interface EffivlmCase {
  readonly name: string;
  readonly parameters: {
    readonly level: "feature" | "model";
    readonly budgets: number;
    readonly N?: number;
    readonly C?: number;
    readonly batch?: number;
  };
  readonly inputs: Readonly<Record<string, string>> & { readonly file: string };
  readonly expected_file: string;
  readonly expected: {
    readonly score?: string;
    readonly out?: string;
    readonly neighbours?: string | null;
    readonly kept_indices?: readonly (readonly number[])[];
  };
  readonly ambiguous?: "order" | "set" | "within-twins" | null;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

/** Replays every case of a folder of the family: `prumerge+` with `compatibility: "effivlm"`. */
export async function replayEffivlm(folder: string): Promise<CaseResult[]> {
  const { cases }: { cases: readonly EffivlmCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results: CaseResult[] = [];
  for (const test of cases) results.push(await guardedLater(test.name, () => replayCase(folder, test)));
  return results;
}

async function replayCase(folder: string, test: EffivlmCase): Promise<CaseResult> {
  const { name, parameters, ambiguous = null, expected_error: error } = test;
  const given = readFixture(join(folder, test.inputs.file));
  const model = parameters.level === "model";
  const misses: string[] = [];
  const signals = model ? [await modelSignals(folder, test, given)] : featureSignals(test, given);
  if (model) {
    // Before the layer norm behind the tower; the manifest's entry says so after the name.
    const [recorded] = test.inputs.hidden_states_last!.split(" ");
    misses.push(...apart("hidden states", signals[0]!.patches.data, floats(given, recorded!), 1e-4));
  }
  // One share for all crops: the mean of theirs.
  const attentions = signals.map((one) => classAttention(one));
  const shares = attentions.map((attention) => countOutliers(attention) / attention.length);
  const outlierRatio = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const budget = Math.trunc(attentions[0]!.length * parameters.budgets);
  const reducer = pruMergePlus({ compatibility: "effivlm", tokens: budget + 1, outlierRatio });
  if (budget > attentions[0]!.length) {
    // More than all patches, which the released program takes for all of them.
    return caseResult(
      name,
      false,
      signals.flatMap((one) => refusalDifference(reducer, one)),
    );
  }
  const expected =
    error === null
      ? recordedPictures(folder, test, signals.length)
      : signals.map((one, at) => derive(one, attentions[at]!, budget, outlierRatio));
  const tolerance = model ? 1e-4 : planner.tolerance;
  for (const [at, recorded] of expected.entries()) {
    const ours = await planner.reduce(signals[at]!, reducer);
    misses.push(...differences(ambiguous, recorded, signals[at]!, ours, tolerance));
  }
  return caseResult(name, error === null, misses);
}

function modelSignals(
  folder: string,
  { inputs }: EffivlmCase,
  given: ReadonlyMap<string, FixtureTensor>,
): Promise<Signals> {
  return towerSignals(join(folder, inputs.model!), floats(given, inputs.pixel_values!), -1);
}

function featureSignals(
  { parameters, inputs }: EffivlmCase,
  given: ReadonlyMap<string, FixtureTensor>,
): Signals[] {
  const { N = 0, C = 0, batch = 1 } = parameters;
  const root = Math.sqrt(N);
  const rows = Number.isInteger(root) ? root : 1; // how the patches lie has no say
  return Array.from({ length: batch }, (_, at) => {
    const matrix = (name: string) => ({
      rows: N,
      columns: C,
      data: part(floats(given, inputs[name]!), at, batch),
    });
    return {
      grid: { rows, columns: N / rows },
      patches: matrix("x"),
      keys: matrix("k"),
      queries: matrix("q"),
      classToken: false,
      heads: 1,
    };
  });
}

function recordedPictures(
  folder: string,
  { expected, expected_file: file }: EffivlmCase,
  batch: number,
): RecordedPicture[] {
  const tensors = readFixture(join(folder, file));
  return Array.from({ length: batch }, (_, at) => ({
    attention: part(floats(tensors, expected.score!), at, batch),
    kept: Int32Array.from(expected.kept_indices![at]!),
    tokens: part(floats(tensors, expected.out!), at, batch),
    ...(expected.neighbours && { neighbours: part(integers(tensors, expected.neighbours), at, batch) }),
  }));
}

/** What the documented rule gives where the official code raises, as for another number of patches than its own. */
function derive(
  signals: Signals,
  attention: Float32Array,
  budget: number,
  outlierRatio: number,
): RecordedPicture {
  const patches = attention.length;
  const highest = Math.trunc(patches * outlierRatio);
  const ranked = order(attention);
  let kept = ranked.slice(0, budget);
  if (budget > highest) {
    const best = ranked.slice(0, highest);
    const step = Math.max(1, Math.floor(patches / budget));
    const line = Array.from({ length: patches }, (_, patch) => patch).filter((patch) => patch % step === 0);
    kept = [...best, ...line.filter((patch) => !best.includes(patch))].slice(0, budget);
  }
  return { attention, kept: Int32Array.from(kept), tokens: mergedTokens(kept, signals, attention) };
}

function part<Data extends Float32Array | Int32Array>(data: Data, at: number, count: number): Data {
  const length = data.length / count;
  return data.subarray(at * length, (at + 1) * length) as Data;
}
