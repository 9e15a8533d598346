import { join } from "node:path";
import { hiPrune, type Matrix } from "prumerge/reduce";
import { receivedAttention } from "../../../src/reduce/received-attention.js";
import { readFixture } from "../../support/safetensors.js";
import { type CaseResult, caseResult, guarded } from "../outcome.js";
import { ofPicture, type RecordedCase, readRecorded, recordedFloats } from "../recorded-case.js";
import {
  gridOf,
  pythonRound,
  refusalDifference,
  selectedBy,
  selectionDifference,
  signalsOf,
} from "../selected.js";
import { derive, derivedAttention, type RecordedLayer } from "./derive.js";

interface Parameters {
  readonly HIPRUNE_RETENTION: number;
  readonly HIPRUNE_ALPHA: number;
  readonly N: number;
  readonly heads: number;
  readonly batch: number;
}

interface Expected {
  readonly kept_sorted: readonly (readonly number[])[];
  /** Names of received attention, [B, N]. */
  readonly global_attention_object: string;
  readonly global_attention_deep: string;
}

type HiPruneCase = RecordedCase<Parameters, Expected>;

/** The released program's grid, whatever the picture's. */
const released = { columns: 24, patches: 576 };

/** Replays every case of a folder of the hiprune family. */
export function replayHiPrune(folder: string): CaseResult[] {
  return readRecorded<Parameters, Expected>(folder).map((test) =>
    guarded(test.name, () => replayCase(folder, test)),
  );
}

function replayCase(folder: string, test: HiPruneCase): CaseResult {
  const { HIPRUNE_RETENTION: total, HIPRUNE_ALPHA: alpha, N: count, heads, batch } = test.parameters;
  const asked = Math.trunc(total / batch);
  // Of no patch at all, which the released program may keep, ours keeps one.
  const tokens = Math.max(1, asked);
  const literal = count === released.patches ? {} : ({ compatibility: "released" } as const);
  const reducer = hiPrune({ tokens, alpha, ...literal });
  const grid = { columns: released.columns, last: Math.min(count, released.patches) - 1 };
  const recorded = test.expected_error === null && asked >= 1;
  const misses: string[] = [];
  for (let at = 0; at < batch; at++) {
    const layers = {
      [-16]: recordedLayer(folder, test, "object_layer", at),
      [-2]: recordedLayer(folder, test, "deep_layer", at),
    };
    const own = { [-16]: concatenated(layers[-16]!), [-2]: concatenated(layers[-2]!) };
    const signals = signalsOf(gridOf(count), { layers: own, heads });
    if (tokens > count) return caseResult(test.name, false, refusalDifference(reducer, signals));
    const ours = selectedBy(reducer, signals);
    const [object, deep] = [derivedAttention(layers[-16]!), derivedAttention(layers[-2]!)];
    misses.push(...attentionDifference(folder, test, at, "global_attention_object", object));
    misses.push(...attentionDifference(folder, test, at, "global_attention_deep", deep));
    for (const [layer, theirs] of [
      [-16, object],
      [-2, deep],
    ] as const) {
      const received = receivedAttention(own[layer]!, heads, true);
      misses.push(...relativeDifference(`layer ${layer}`, received, theirs));
    }
    const wanted = pythonRound((tokens * alpha) / 5);
    misses.push(
      ...selectionDifference("by the documented rule", ours, derive(object, deep, tokens, wanted, grid)),
    );
    if (recorded && !test.ambiguous) {
      misses.push(...selectionDifference("recorded", ours, test.expected.kept_sorted![at]!));
    }
  }
  return caseResult(test.name, recorded, misses);
}

function recordedLayer(
  folder: string,
  { inputs, parameters }: HiPruneCase,
  name: string,
  at: number,
): RecordedLayer {
  const { heads, N, batch } = parameters;
  const [queries, keys] = (inputs[name] as readonly string[]).map((tensor) =>
    ofPicture(recordedFloats(folder, inputs.file, tensor), at, batch),
  );
  return { queries: queries!, keys: keys!, heads, tokens: N + 1 };
}

/** [H, T, d] as the product has it: [T, H d]. */
function concatenated({ queries, keys, heads, tokens }: RecordedLayer): { queries: Matrix; keys: Matrix } {
  const columns = (keys.length / tokens) | 0;
  const width = columns / heads;
  const turned = (data: Float32Array): Matrix => ({
    rows: tokens,
    columns,
    data: Float32Array.from({ length: data.length }, (_, i) => {
      const [token, column] = [Math.floor(i / columns), i % columns];
      const head = Math.floor(column / width);
      return data[(head * tokens + token) * width + (column % width)]!;
    }),
  });
  return { queries: turned(queries), keys: turned(keys) };
}

function attentionDifference(
  folder: string,
  { expected, expected_file, parameters }: HiPruneCase,
  at: number,
  field: "global_attention_object" | "global_attention_deep",
  ours: readonly number[],
): string[] {
  const name = expected[field];
  if (name === undefined || !readFixture(join(folder, expected_file)).has(name)) return [];
  const recorded = ofPicture(recordedFloats(folder, expected_file, name), at, parameters.batch);
  return relativeDifference(field, recorded, ours);
}

function relativeDifference(what: string, one: Float32Array, other: readonly number[]): string[] {
  const worst = one.reduce((most, value, i) => Math.max(most, Math.abs(value / other[i]! - 1)), 0);
  return worst <= 1e-5 ? [] : [`${what} off by ${worst} relative`];
}
