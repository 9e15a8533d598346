import {
  applyPlan,
  classAttention,
  type Matrix,
  type MergePlan,
  mergePlan,
  type Signals,
} from "prumerge/reduce";
import type { PrumergeCase, RecordedPicture } from "./case.js";

/** What an implementation under test made of one picture. */
export interface Reduction {
  /** Without the global token. */
  readonly keptPatches: ArrayLike<number>;
  readonly tokens: Matrix;
  /** Where the implementation shows its plan, neighbours are compared as well. */
  readonly plan?: MergePlan;
}

/** Suggested by the recordings: attention relative, merged tokens relative to the largest. */
const attentionTolerance = 1e-5;
/** Two patches whose similarities to a third differ by less may swap places between float32 and float64 sums. */
const similarityNoise = 5e-7;

/** Differences between a recorded picture and ours, in words; none means equal. */
export function differences(
  ambiguous: PrumergeCase["ambiguous"],
  recorded: RecordedPicture,
  signals: Signals,
  ours: Reduction,
  tolerance: number,
): string[] {
  const misses: string[] = [];
  const attention = classAttention(signals);
  const drift = attention.reduce((most, a, i) => Math.max(most, Math.abs(a / recorded.attention[i] - 1)), 0);
  if (!(drift <= attentionTolerance)) misses.push(`attention off by ${drift} relative`);
  const kept = Array.from(ours.keptPatches);
  if (!sameKept(ambiguous, recorded, kept)) {
    misses.push(`kept ${kept.join(" ")}, recorded ${recorded.kept.join(" ")}`);
  }
  const free = ambiguous === "order" || ambiguous === "set";
  if (free) {
    // Another choice among ties: our merging is held against the record from the recorded choice, and the
    // implementation's tokens against our merging from its own.
    const fromRecord = applyPlan(mergePlan(signals, recorded.kept), signals.patches);
    misses.push(...tokenDifference("from the recorded choice", fromRecord.data, recorded.tokens, tolerance));
    const fromOwn = applyPlan(mergePlan(signals, kept), signals.patches);
    misses.push(...tokenDifference("tokens", ours.tokens.data, fromOwn.data, tolerance));
  } else {
    misses.push(...tokenDifference("tokens", ours.tokens.data, recorded.tokens, tolerance));
    if (ambiguous === null && ours.plan !== undefined && recorded.neighbours !== undefined) {
      misses.push(...neighbourDifference(ours.plan, recorded.neighbours, signals));
    }
  }
  return misses;
}

function sameKept(
  ambiguous: PrumergeCase["ambiguous"],
  { kept, attention }: RecordedPicture,
  ours: number[],
): boolean {
  if (ours.length !== kept.length) return false;
  if (ambiguous === null) return ours.every((patch, i) => patch === kept[i]);
  const sameAttention = ours.every((patch, i) => attention[patch] === attention[kept[i]]);
  if (ambiguous === "within-twins") return ours.every((patch, i) => patch >> 1 === kept[i] >> 1);
  return sameAttention && (ambiguous === "set" || ours.every((patch) => kept.includes(patch)));
}

export function tokenDifference(
  what: string,
  ours: Float32Array,
  recorded: Float32Array,
  tolerance: number,
): string[] {
  if (ours.length !== recorded.length) return [`${what}: ${ours.length} values, recorded ${recorded.length}`];
  let largest = 0;
  let error = 0;
  for (let i = 0; i < ours.length; i++) {
    largest = Math.max(largest, Math.abs(recorded[i]));
    const difference = Math.abs(ours[i] - recorded[i]);
    error = Math.max(error, difference);
  }
  return error <= tolerance * largest ? [] : [`${what} off by ${error} (largest ${largest})`];
}

function neighbourDifference(plan: MergePlan, recorded: Int32Array, { keys }: Signals): string[] {
  const misses: string[] = [];
  const rows = plan.keptPatches.filter((patch) => patch >= 0).length;
  const k = rows === 0 ? 0 : recorded.length / rows;
  const key = (patch: number) => keys.data.subarray((patch + 1) * keys.columns, (patch + 2) * keys.columns);
  for (let row = 0; row < rows; row++) {
    const own = plan.columns.subarray(plan.offsets[row] + 1, plan.offsets[row + 1]);
    if (own.length !== k) misses.push(`row ${row}: ${own.length} neighbours, recorded ${k}`);
    for (let i = 0; i < k; i++) {
      const [ours, theirs] = [own[i], recorded[row * k + i]];
      if (ours === theirs) continue;
      const centre = key(plan.keptPatches[row]);
      const gap = Math.abs(cosine(centre, key(ours)) - cosine(centre, key(theirs)));
      if (!(gap < similarityNoise)) misses.push(`row ${row}: neighbour ${i} is ${ours}, recorded ${theirs}`);
    }
  }
  return misses;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, x, i) => sum + x * v[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
