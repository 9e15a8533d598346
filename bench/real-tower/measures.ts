import { applyPlan, classAttention, type MergePlan, type Signals } from "../../src/reduce/index.js";
import type { Matrix } from "../../src/tensor/matrix.js";
import { highNormPatches, median } from "../../src/view/tower-signs.js";

/** What a plan does to the patches of one picture. Shares are 0 to 1. */
export interface Measures {
  readonly rows: number;
  readonly kept: number;
  /** Of the kept patches, those of high norm. */
  readonly registers: number;
  /** Mean over ordinary patches of the best cosine to a row. */
  readonly coverage: number;
  /** How much of the ordinary patches' spread around their mean is left around the nearest row, taken from 1; can be negative. */
  readonly reconstruction: number;
  /** Median over rows that stand on a patch of what merging adds, relative to the patch. */
  readonly added: number;
}

export function measure(plan: MergePlan, { patches, classFeatures }: Signals): Measures {
  const registers = highNormPatches(patches);
  const tokens = applyPlan(
    plan,
    plan.columns.some((column) => column >= patches.rows) ? below(patches, classFeatures!) : patches,
  );
  const kept = Array.from(plan.keptPatches).filter((patch) => patch >= 0);
  const ordinary = Array.from({ length: patches.rows }, (_, i) => i).filter((i) => !registers[i]);
  const all = Array.from({ length: tokens.rows }, (_, i) => row(tokens, i));
  const mean = new Float64Array(patches.columns);
  for (const i of ordinary)
    row(patches, i).forEach((x, c) => {
      mean[c] += x / ordinary.length;
    });
  let [best, left, spread] = [0, 0, 0];
  for (const i of ordinary) {
    const patch = row(patches, i);
    best += Math.max(...all.map((token) => cosine(patch, token)));
    left += Math.min(...all.map((token) => squaredDistance(patch, token)));
    spread += squaredDistance(patch, mean);
  }
  const added = Array.from(plan.keptPatches).flatMap((patch, i) =>
    patch < 0 ? [] : [Math.sqrt(squaredDistance(all[i]!, row(patches, patch))) / norm(row(patches, patch))],
  );
  return {
    rows: tokens.rows,
    kept: kept.length,
    registers: kept.filter((patch) => registers[patch]).length / kept.length,
    coverage: best / ordinary.length,
    reconstruction: 1 - left / spread,
    added: median(added),
  };
}

/** What the class token gives to all patches together; the rest is its own column, which the rule drops. */
export function patchShare(signals: Signals): number {
  return classAttention(signals).reduce((sum, one) => sum + one, 0);
}

function below(patches: Matrix, classFeatures: Matrix): Matrix {
  const data = new Float32Array(patches.data.length + classFeatures.data.length);
  data.set(patches.data);
  data.set(classFeatures.data, patches.data.length);
  return { rows: patches.rows + 1, columns: patches.columns, data };
}

type Vector = Float32Array | Float64Array;

function row({ data, columns }: Matrix, index: number): Float32Array {
  return data.subarray(index * columns, (index + 1) * columns);
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c]! * b[c]!;
  return sum;
}

function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

function cosine(a: Vector, b: Vector): number {
  return dot(a, b) / (norm(a) * norm(b) || 1);
}

function squaredDistance(a: Vector, b: Vector): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += (a[c]! - b[c]!) ** 2;
  return sum;
}
