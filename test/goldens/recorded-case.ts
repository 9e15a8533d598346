import { readFileSync } from "node:fs";
import { join } from "node:path";
import { floats, readFixture } from "../support/safetensors.js";

/** One case of a family of selections, as its manifest has it; names point into the two tensor files. */
export interface RecordedCase<Parameters, Expected> {
  readonly name: string;
  readonly parameters: Parameters;
  readonly inputs: Readonly<Record<string, string | readonly string[]>> & { readonly file: string };
  readonly expected_file: string;
  /** Without fields that the official code did not come to. */
  readonly expected: Partial<Expected>;
  /** What may differ, in words. */
  readonly ambiguous?: string | null;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

export function readRecorded<Parameters, Expected>(folder: string): RecordedCase<Parameters, Expected>[] {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).cases;
}

/** A float32 tensor of a case's file, of all pictures of its batch. */
export function recordedFloats(folder: string, file: string, name: string): Float32Array {
  return floats(readFixture(join(folder, file)), name);
}

/** Row `at` of a batch. */
export function ofPicture(data: Float32Array, at: number, batch: number): Float32Array {
  const length = data.length / batch;
  return data.subarray(at * length, (at + 1) * length);
}
