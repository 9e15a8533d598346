import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Signals } from "prumerge/reduce";
import { floats, readFixture } from "../../support/safetensors.js";
import type { PrumergeCase, RecordedPicture } from "./case.js";

/**
 * What the documented rule (docs/reduction-settings.md) gives for one picture of a case at which the released code raises,
 * worked out here step by step and without the code under test. `derive.test.ts` holds it against numpy's derivation.
 */
export function derivePicture(
  test: Pick<PrumergeCase, "source" | "parameters">,
  signals: Signals,
  attention: Float32Array,
): RecordedPicture {
  const { if_adaptive: adaptive, reduction_ratio_argument: ratio, N: count } = test.parameters;
  const plus = test.source.function.endsWith("_plus");
  const byAttention = order(attention);
  const outliers = countOutliers(attention);
  let kept = byAttention.slice(0, adaptive ? outliers : Math.trunc(count * ratio));
  if (adaptive && plus)
    kept = outliers === 0 ? crossings(signals) : [...kept, ...spread(kept, count, outliers)];
  return { attention, kept: Int32Array.from(kept), tokens: mergedTokens(kept, signals, attention) };
}

/** Indices of falling values, equal ones by rising index. */
export function order(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, index) => index).sort((a, b) => values[b]! - values[a]! || a - b);
}

export function countOutliers(attention: Float32Array): number {
  const sorted = attention.slice().sort();
  const f = Math.fround;
  const percentile = (share: number) => {
    const position = share * (sorted.length - 1);
    const low = Math.floor(position);
    const t = f(position - low);
    const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
    const d = f(b - a);
    return t < 0.5 ? f(a + f(d * t)) : f(b - f(d * f(1 - t)));
  };
  const [q1, q3] = [percentile(0.25), percentile(0.75)];
  const fence = f(q3 + f(1.5 * f(q3 - q1)));
  return attention.filter((value) => value > fence).length;
}

/** Every stride-th patch that is not kept yet; the last patch never. */
function spread(kept: readonly number[], count: number, outliers: number): number[] {
  const stride = Math.max(1, Math.floor(Math.floor(count / outliers) / 3));
  const samples = Array.from({ length: Math.ceil((count - 1) / stride) }, (_, i) => i * stride);
  return samples.filter((patch) => !kept.includes(patch));
}

/** Without outliers: where 4 rows and 4 columns of the grid cross, fewer on a small grid. */
function crossings({ grid }: Signals): number[] {
  const lines = (size: number) =>
    Array.from({ length: Math.min(4, size) }, (_, i) => Math.floor(((i + 0.5) * size) / Math.min(4, size)));
  return lines(grid.rows).flatMap((row) => lines(grid.columns).map((column) => row * grid.columns + column));
}

export function mergedTokens(
  kept: readonly number[],
  signals: Signals,
  attention: Float32Array,
): Float32Array {
  const { rows: count, columns: width } = signals.patches;
  const key = (patch: number) => {
    const [start, length] = [
      (patch + (signals.classToken ? 1 : 0)) * signals.keys.columns,
      signals.keys.columns,
    ];
    const values = Array.from(signals.keys.data.subarray(start, start + length));
    const norm = Math.max(1e-12, Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)));
    return values.map((value) => value / norm);
  };
  const keys = Array.from({ length: count }, (_, patch) => key(patch));
  const sumOf = (patches: readonly number[], weight: (patch: number) => number) =>
    Array.from({ length: width }, (_, c) =>
      patches.reduce((sum, patch) => sum + weight(patch) * signals.patches.data[patch * width + c]!, 0),
    );
  const rows = kept.map((patch) => {
    const similarity = keys.map((other, j) =>
      j === patch ? -Infinity : other.reduce((sum, value, c) => sum + value * keys[patch]![c]!, 0),
    );
    const near = order(similarity).slice(0, Math.min(32, count - 1));
    return sumOf([patch, ...near], (each) => (each === patch ? 1 : attention[each]!));
  });
  const left =
    attention.length === count ? Array.from(attention.keys()).filter((j) => !kept.includes(j)) : [];
  return Float32Array.from([...rows, sumOf(left, (patch) => attention[patch]!)].flat());
}

/** Attention as it was recorded, or where the run raised before that, worked out: softmax(q K^T C^-0.5), the class column dropped. */
export function attentionOf(folder: string, test: PrumergeCase, signals: readonly Signals[]): Float32Array[] {
  const tensors = readFixture(join(folder, test.expected_file));
  const recorded =
    test.expected.attn && tensors.has(test.expected.attn) ? floats(tensors, test.expected.attn) : undefined;
  return signals.map((picture, at) => {
    const count = picture.patches.rows;
    return recorded === undefined ? softAttention(picture) : recorded.slice(at * count, (at + 1) * count);
  });
}

export function softAttention({ keys, queries }: Signals): Float32Array {
  const { columns } = keys;
  const scores = Array.from({ length: keys.rows }, (_, row) => {
    const products = Array.from(
      { length: columns },
      (_, c) => queries.data[c]! * keys.data[row * columns + c]!,
    );
    return products.reduce((sum, value) => sum + value, 0) / Math.sqrt(columns);
  });
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return Float32Array.from(powers.slice(1), (power) => power / total);
}

/** numpy's own derivation of two of the recorded cases: defined_by_us.py. */
export function numpysDerivation() {
  return readFixture(fileURLToPath(new URL("./defined-by-us.safetensors", import.meta.url)));
}
