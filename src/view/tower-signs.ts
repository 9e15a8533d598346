import { applyPlan } from "../reduce/apply-plan.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Signals } from "../reduce/signals.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * How the tower and the plan go together: what the class token gives to itself, whether what is kept are register artefacts, and
 * whether merging does anything. On a CLIP tower the class token's own column has most of its attention, the patches of highest
 * attention are registers on empty background, and merging adds a hundred-thousandth of a patch.
 */
export interface TowerSigns {
  /** Share of the class token's attention that goes to itself and that the rule drops, 0 to 1; none without a class token. */
  readonly classShare?: number;
  /** Patches whose norm is over four times the median's, of all and of those that are kept. */
  readonly highNorm: { readonly patches: number; readonly kept: number };
  /**
   * By how much a row differs from the patch that it stands on, relative to the patch's norm: the median over rows that stand on one;
   * none where no row does.
   */
  readonly mergingAdds?: number;
}

/** A patch is a register artefact above this many times the median norm (Darcet et al. 2024 draw the line by eye). */
const highNormFactor = 4;

/** @param classAttention [N], which sums to what the class token gives to patches */
export function towerSigns(plan: MergePlan, signals: Signals, classAttention: Float32Array): TowerSigns {
  const { patches } = signals;
  const isHigh = highNormPatches(patches);
  const rows = [...plan.keptPatches.keys()].filter((row) => plan.keptPatches[row] >= 0);
  const kept = rows.map((row) => plan.keptPatches[row]);
  const changes = rows.map((row) => changeOf(plan, row, patches));
  return {
    ...(signals.classToken && {
      classShare: 1 - classAttention.reduce((sum, one) => sum + one, 0),
    }),
    highNorm: { patches: isHigh.filter(Boolean).length, kept: kept.filter((patch) => isHigh[patch]).length },
    ...(changes.length > 0 && { mergingAdds: median(changes) }),
  };
}

/** Per patch, whether it is a register artefact: its norm is over four times the median's. */
export function highNormPatches(patches: Matrix): readonly boolean[] {
  const norms = Array.from({ length: patches.rows }, (_, i) => norm(rowOf(patches, i)));
  const limit = highNormFactor * median(norms);
  return norms.map((one) => one > limit);
}

/** Of a row that stands on a patch. */
function changeOf(plan: MergePlan, row: number, patches: Matrix): number {
  const [start, end] = [plan.offsets[row], plan.offsets[row + 1]];
  const one = {
    patches: plan.patches,
    keptPatches: plan.keptPatches.subarray(row, row + 1),
    offsets: Int32Array.of(0, end - start),
    columns: plan.columns.subarray(start, end),
    weights: plan.weights.subarray(start, end),
  };
  const patch = plan.keptPatches[row];
  const own = rowOf(patches, patch);
  const merged = applyPlan(one, patches).data;
  return norm(merged.map((value, c) => value - own[c])) / norm(own);
}

function rowOf({ data, columns }: Matrix, row: number): Float32Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, one) => sum + one * one, 0));
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
