import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Signals } from "prumerge/reduce";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { gridOf } from "../selected.js";

/** One case of a recorded PruMerge run, as its manifest has it; names point into the two tensor files. */
export interface PrumergeCase {
  readonly name: string;
  readonly source: { readonly function: string };
  readonly patches: readonly string[];
  readonly parameters: {
    readonly if_adaptive: boolean;
    readonly reduction_ratio_argument: number;
    readonly level: "feature" | "model";
    readonly N: number;
    readonly C: number;
    readonly batch: number;
    readonly heads?: number;
  };
  readonly inputs: Readonly<Record<string, string>> & { readonly file: string };
  readonly expected_file: string;
  readonly expected: {
    readonly attn: string;
    readonly out?: string;
    readonly kept_indices?: readonly (readonly number[])[];
    readonly tokens_out?: number;
    readonly neighbours?: string | null;
    readonly duplicates_in_kept?: number;
    readonly complement_indices?: readonly (readonly number[])[];
    readonly iqr?: {
      readonly q1: number;
      readonly q3: number;
      readonly upper_bound: number;
      readonly outlier_count: number;
    };
    readonly ratio: number;
  };
  readonly ambiguous: "order" | "set" | "within-twins" | null;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

/** What the official run recorded for one picture of a case. */
export interface RecordedPicture {
  readonly attention: Float32Array;
  readonly kept: Int32Array;
  /** [rows, C], the global token last. */
  readonly tokens: Float32Array;
  /** [kept, k] patch indices, descending similarity, where they were recorded. */
  readonly neighbours?: Int32Array;
}

/** Where the released program's grid ends, a number written out, but where the recording repaired that. */
export function gridEnd({ patches, parameters }: PrumergeCase): number {
  return patches.some((patch) => /575 -> N-1/.test(patch)) ? parameters.N - 1 : 575;
}

/** Whether the released program has as many others as the neighbours that it asks for, or was made to ask for fewer. */
export function hasNeighbours({ patches, parameters }: PrumergeCase): boolean {
  return parameters.N > 32 || patches.some((patch) => /k=32 -> /.test(patch));
}

export function readCases(folder: string): PrumergeCase[] {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).cases;
}

/** The signals of each picture of a case, from its recorded tower outputs. */
export function caseSignals(folder: string, { inputs, parameters }: PrumergeCase): Signals[] {
  const { N, C, batch, level, heads = 1 } = parameters;
  const tensors = readFixture(join(folder, inputs.file));
  const names =
    level === "model"
      ? { x: "hidden_states_minus2", k: "k_last", q: "q_last" }
      : { x: inputs.x, k: inputs.k, q: inputs.q_cls ?? inputs.q };
  const [x, k, q] = [names.x, names.k, names.q].map((name) => floats(tensors, name));
  return Array.from({ length: batch }, (_, picture) => {
    const patches = slice(x, picture, batch);
    return {
      grid: gridOf(N),
      // Hidden states still hold the class token's row, feature-level tensors do not.
      patches: { rows: N, columns: C, data: patches.subarray(patches.length - N * C) },
      keys: { rows: N + 1, columns: C, data: slice(k, picture, batch) },
      queries: { rows: 1, columns: C, data: slice(q, picture, batch).subarray(0, C) },
      classToken: true,
      heads,
    };
  });
}

/** The recorded results of each picture, for a case that ran through. */
export function recordedPictures(
  folder: string,
  { expected, expected_file, parameters }: PrumergeCase,
): RecordedPicture[] {
  const tensors = readFixture(join(folder, expected_file));
  const { batch } = parameters;
  return Array.from({ length: batch }, (_, picture) => ({
    attention: slice(floats(tensors, expected.attn), picture, batch),
    kept: Int32Array.from(expected.kept_indices?.[picture] ?? []),
    tokens:
      expected.out === undefined ? new Float32Array(0) : slice(floats(tensors, expected.out), picture, batch),
    ...(expected.neighbours && { neighbours: slice(integers(tensors, expected.neighbours), picture, batch) }),
  }));
}

function slice<Data extends Float32Array | Int32Array>(data: Data, picture: number, batch: number): Data {
  const length = data.length / batch;
  return data.subarray(picture * length, (picture + 1) * length) as Data;
}
