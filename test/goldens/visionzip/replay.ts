import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  applyPlan,
  checkPlan,
  type Matrix,
  type MergePlan,
  PrumergeError,
  type Signals,
  visionZip,
} from "prumerge/reduce";
import { type VisionZipSignals, visionZipPlan } from "../../../src/reduce/methods/visionzip.js";
import { gatherSignals } from "../../../src/reduce/signals.js";
import { floats, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult, guardedLater } from "../outcome.js";
import { towerSignals } from "../tower-signals.js";

/** One case of the visionzip family as its manifest has it; indices count the class token as 0. */
interface VisionZipCase {
  readonly name: string;
  readonly parameters: {
    readonly level: "feature" | "model";
    /** With the class token. */
    readonly dominant: number;
    readonly contextual: number;
    readonly N?: number;
    readonly C?: number;
    readonly head_dim?: number;
    readonly batch?: number;
  };
  readonly inputs: {
    readonly file?: string;
    readonly model?: string;
    readonly pixel_values_file?: string;
    readonly pixel_values?: string;
  };
  readonly expected_file: string;
  readonly expected: {
    readonly score?: string | null;
    readonly out?: string;
    readonly kept_sorted_cls_based?: readonly (readonly number[])[];
    readonly contextual_targets_cls_based?: readonly (readonly number[])[];
    readonly contextual_assignment?: {
      readonly tokens_cls_based: readonly (readonly number[])[];
      readonly target: readonly (readonly number[])[];
    };
  };
  readonly expected_error: { readonly type: string } | null;
}

/** One picture of a case: what ours makes of it, and what its plan is applied to. */
interface Picture {
  /** Class attention summed over heads, [N]. */
  readonly score: Float32Array;
  /** Patches, then the class token, [N + 1, C]. */
  readonly tokens: { readonly rows: number; readonly columns: number; readonly data: Float32Array };
  readonly plan: () => MergePlan;
}

/** Largest error: of scores relative, of tokens relative to the largest. */
const tolerances = { feature: { score: 1e-5, tokens: 1e-5 }, model: { score: 1e-4, tokens: 1e-4 } } as const;

/** Replays every case of a folder of the visionzip family. */
export async function replayVisionZip(folder: string): Promise<CaseResult[]> {
  const { cases }: { cases: readonly VisionZipCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results: CaseResult[] = [];
  for (const test of cases) results.push(await guardedLater(test.name, () => replayCase(folder, test)));
  return results;
}

async function replayCase(folder: string, test: VisionZipCase): Promise<CaseResult> {
  const { inputs, expected, expected_error: error } = test;
  const pictures =
    inputs.model === undefined ? featurePictures(folder, test) : [await modelPicture(folder, test)];
  const recorded = (name: string, at: number) => {
    return part(floats(readFixture(join(folder, test.expected_file)), name), at, pictures.length);
  };
  const misses = pictures.flatMap((picture, at) => [
    // Where the released code raises, it may not have come to a score.
    ...(expected.score ? scoreMisses(test, picture, recorded(expected.score, at)) : []),
    ...(error === null
      ? recordedMisses(test, picture, at, recorded(expected.out!, at))
      : ownMisses(test, picture)),
  ]);
  return caseResult(test.name, error === null, misses);
}

/** The planner on given scores and metric. */
function featurePictures(folder: string, { parameters, inputs }: VisionZipCase): Picture[] {
  const { N = 0, C = 0, head_dim: width = 0, batch = 1, dominant, contextual } = parameters;
  const tensors = readFixture(join(folder, inputs.file!));
  return Array.from({ length: batch }, (_, at) => {
    const given = (name: string) => part(floats(tensors, name), at, batch);
    const attention = given("attn_cls_row");
    const heads = attention.length / (N + 1);
    const score = Float32Array.from({ length: N }, (_, patch) => {
      const values = Array.from({ length: heads }, (_, head) => attention[head * (N + 1) + patch + 1]!);
      return values.reduce((sum, value) => sum + value, 0);
    });
    const metric = { rows: N + 1, columns: width, data: given("metric") };
    const signals: VisionZipSignals = { score, metric, classToken: true };
    const tokens = { rows: N + 1, columns: C, data: classTokenLast(given("hidden_states"), C) };
    return {
      score,
      tokens,
      plan: () => {
        // What the method refuses is refused before its plan.
        visionZip({ tokens: dominant + contextual, contextual }).plan(signalsLike(tokens, metric));
        return visionZipPlan(signals, dominant, contextual);
      },
    };
  });
}

/** The method on what the engine shows of the recorded tower. */
async function modelPicture(folder: string, { parameters, inputs }: VisionZipCase): Promise<Picture> {
  const { dominant, contextual } = parameters;
  const pixels = floats(readFixture(join(folder, inputs.pixel_values_file!)), inputs.pixel_values!);
  const signals = await towerSignals(join(folder, inputs.model!), pixels, -2);
  const { patches, classFeatures, layers, heads } = signals;
  const data = Float32Array.from([...patches.data, ...classFeatures!.data]);
  return {
    score: scoreOf(layers![-2]!, heads),
    tokens: { rows: patches.rows + 1, columns: patches.columns, data },
    plan: () => visionZip({ tokens: dominant + contextual, contextual }).plan(signals),
  };
}

/** Attention of the class token, summed over heads, worked out here. */
function scoreOf({ keys, queries }: NonNullable<Signals["layers"]>[number], heads: number): Float32Array {
  const width = keys.columns / heads;
  const sum = new Float64Array(keys.rows);
  for (let head = 0; head < heads; head++) {
    const from = head * width;
    const logits = Array.from({ length: keys.rows }, (_, row) => {
      let dot = 0;
      for (let c = 0; c < width; c++)
        dot += queries.data[from + c]! * keys.data[row * keys.columns + from + c]!;
      return dot / Math.sqrt(width);
    });
    const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    const total = powers.reduce((all, power) => all + power, 0);
    powers.forEach((power, row) => {
      sum[row]! += power / total;
    });
  }
  return Float32Array.from(sum.subarray(1));
}

function scoreMisses({ parameters }: VisionZipCase, { score }: Picture, recorded: Float32Array): string[] {
  const off = score.reduce((most, value, at) => Math.max(most, Math.abs(value / recorded[at]! - 1)), 0);
  return off <= tolerances[parameters.level].score ? [] : [`score off by ${off} relative`];
}

function recordedMisses(
  { expected, parameters }: VisionZipCase,
  { plan: make, tokens }: Picture,
  at: number,
  out: Float32Array,
): string[] {
  const plan = make();
  checkPlan(plan);
  const { dominant, contextual } = parameters;
  const classBased = (patch: number) => patch + 1;
  const standing = Array.from(plan.keptPatches, classBased);
  const kept = standing.slice(0, dominant);
  const targets = standing.slice(dominant);
  const { tokens_cls_based: members, target } = expected.contextual_assignment!;
  const assigned = Array.from({ length: contextual }, (_, row) => {
    const [start, end] = [plan.offsets[dominant + row]!, plan.offsets[dominant + row + 1]!];
    return Array.from(plan.columns.subarray(start + 1, end), classBased);
  });
  const recorded = Array.from({ length: contextual }, (_, row) =>
    members[at]!.filter((_, i) => target[at]![i] === row),
  );
  const largest = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return [
    ...differ("kept", kept, expected.kept_sorted_cls_based![at]!),
    ...differ("targets", targets, expected.contextual_targets_cls_based![at]!),
    ...assigned.flatMap((row, i) => differ(`contextual ${i}`, row, recorded[i]!)),
    ...apart("tokens", applyPlan(plan, tokens).data, out, tolerances[parameters.level].tokens * largest),
  ];
}

/**
 * Where the released code raises: more contextual rows than patches are left is refused; with none, the documented rule gives the
 * dominant rows alone, worked out here from the recorded inputs.
 */
function ownMisses({ parameters }: VisionZipCase, { plan: make, tokens, score }: Picture): string[] {
  const { dominant, contextual } = parameters;
  const patches = score.length;
  if (contextual > patches + 1 - dominant) {
    try {
      make();
    } catch (error) {
      if (PrumergeError.isInstance(error) && error.code === "INVALID_OPTION") return [];
      throw error;
    }
    return ["more contextual rows than patches are not refused"];
  }
  if (contextual !== 0) return ["why the released code raises is not known"];
  const best = Array.from(score.keys()).sort((a, b) => score[b]! - score[a]! || a - b);
  const kept = best.slice(0, dominant - 1).sort((a, b) => a - b);
  const plan = make();
  const row = (at: number) => tokens.data.subarray(at * tokens.columns, (at + 1) * tokens.columns);
  const expected = Float32Array.from([patches, ...kept].flatMap((at) => [...row(at)]));
  return [
    ...differ("kept", [...plan.keptPatches], [-1, ...kept]),
    ...apart("tokens", applyPlan(plan, tokens).data, expected, 0),
  ];
}

function differ(what: string, ours: readonly number[], recorded: readonly number[]): string[] {
  return ours.join() === recorded.join() ? [] : [`${what} ${ours.join(" ")}, recorded ${recorded.join(" ")}`];
}

/** Signals of the recorded numbers; what is attended to does not matter. */
function signalsLike(tokens: Matrix, metric: Matrix): Signals {
  const patches = { rows: tokens.rows - 1, columns: tokens.columns };
  const shown = { ...patches, data: tokens.data.subarray(0, patches.rows * patches.columns) };
  const grid = { rows: 1, columns: patches.rows };
  const layers = { [-2]: { keys: metric, queries: metric } };
  return gatherSignals({ grid, patches: shown, classToken: true, heads: 1, layers }, undefined);
}

function classTokenLast(hidden: Float32Array, width: number): Float32Array {
  return Float32Array.from([...hidden.subarray(width), ...hidden.subarray(0, width)]);
}

function part(data: Float32Array, at: number, count: number): Float32Array {
  const length = data.length / count;
  return data.subarray(at * length, (at + 1) * length);
}
