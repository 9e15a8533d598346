import { inverseNorms } from "../../tensor/cosine.js";
import type { Matrix } from "../../tensor/matrix.js";
import { topK } from "../../tensor/top-k.js";
import { bestTargets } from "../best-targets.js";
import { type Budget, spellBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { layerAttention } from "../layer-attention.js";
import { meanOverHeads } from "../mean-over-heads.js";
import type { Method } from "../method.js";
import { choiceOption, integerOption, refuseUnknownOptions } from "../options.js";
import type { MergePlan } from "../plan.js";
import { planOfRows } from "../plan-of-rows.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { earlierLayer, type Signals } from "../signals.js";
import { type SizeBiasOption, sizeBias } from "../size-bias.js";

/**
 * `sizeBias`, off where it is left out, weighs the contextual rows: one patch and the mean of m others has a mass of 4 m / (m + 1),
 * since the one makes half of it.
 */
export interface VisionZipOptions extends SamplingBudget, SizeBiasOption {
  /**
   * Rows of the count that gather what is left over, 0 .. count - 1. Default: 5 in 32 of the count, halves rounded up (10 of 64,
   * 20 of 128, 30 of 192, as published).
   */
  readonly contextual?: number;
  /**
   * Order of the rows behind the class token's: `released` (default), first the dominant ones, then the contextual ones, or
   * `raster`, by the patch that each stands on, as EffiVLM-Bench has it for Qwen2-VL.
   */
  readonly order?: "released" | "raster";
}

const optionNames = ["contextual", "order", "sizeBias"];

/** The layer whose attention and keys are read: the one that the patches of LLaVA-1.5 come out of. */
const layer = -2;

/**
 * VisionZip: the patches of highest class attention as they are, and a few contextual rows, each the sum of one patch left over
 * and the mean of those that are most similar to it. Source: arXiv 2412.04467 and the released `visionzip` package (Apache 2.0).
 *
 * Rows: the class token where the tower has one, then the dominant patches in raster order, then the contextual rows, which
 * stand on every n-th patch left over. Attention is the tower's own, per head, at the last layer but one; similarity is the
 * cosine of that layer's keys, averaged over heads. Without a class token a patch's score is the mean attention that it
 * receives. `tokens: n` counts all of these rows, the class token's among them; without a count a quarter of the patches.
 *
 * The released code raises with no contextual row; here the dominant ones are then all. Ties go to the lowest index.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = visionZip({ tokens: 64 }).plan(signals); // 54 and 10
 * ```
 */
export function visionZip(options: VisionZipOptions = {}): Reducer {
  refuseUnknownOptions("visionzip", options, ["tokens", "keepRatio", ...optionNames]);
  return createVisionZip(options, samplingBudget("visionzip", options));
}

function createVisionZip(
  {
    contextual,
    order = "released",
    sizeBias: weighed = false,
  }: { readonly contextual?: unknown; readonly order?: unknown; readonly sizeBias?: unknown },
  budget: Budget,
): Reducer {
  choiceOption("visionzip", "order", order, ["released", "raster"]);
  if (contextual !== undefined) integerOption("visionzip", "contextual", contextual, 0);
  const named = { method: "visionzip", budget, extraRows: 1 };
  return {
    ...named,
    ...sizeBias("visionzip", weighed),
    options: Object.freeze({
      ...spellBudget(budget),
      sizeBias: weighed,
      ...(order === "raster" && { order }),
      ...(contextual !== undefined && { contextual }),
    }),
    need: { layers: [layer], classFeatures: true },
    keepsClassToken: true,
    plan(signals, { count } = rowRoom(named, signals.patches.rows)) {
      checkSignals(signals);
      const most = signals.patches.rows + (signals.classToken ? 1 : 0);
      integerOption("visionzip", "tokens", count, 1, most);
      const gathering = contextual ?? Math.round((count * 5) / 32);
      integerOption("visionzip", "contextual", gathering, 0, count - 1);
      const dominant = count - (gathering as number);
      return visionZipPlan(readSignals(signals), dominant, gathering as number, order === "raster");
    },
  };
}

/** What the plan is made of; N patches, T tokens (class token first where there is one). */
export interface VisionZipSignals {
  /** [N], higher for patches to keep. */
  readonly score: Float32Array;
  /** What similarity is measured by, [T, any]. */
  readonly metric: Matrix;
  readonly classToken: boolean;
}

function readSignals(signals: Signals): VisionZipSignals {
  const { classToken, heads } = signals;
  const { keys } = earlierLayer(signals, layer);
  return { score: layerAttention(signals, layer), metric: meanOverHeads(keys, heads), classToken };
}

/**
 * @param dominant rows that are handed on as they are, the class token's among them: 1 .. T
 * @param contextual 0 .. T - dominant
 * @param raster whether rows stand by their patches, the class token's first
 */
export function visionZipPlan(
  { score, metric, classToken }: VisionZipSignals,
  dominant: number,
  contextual: number,
  raster = false,
): MergePlan {
  const patches = score.length;
  const shift = classToken ? 1 : 0;
  const kept = topK(score, dominant - shift).sort();
  const taken = new Set(kept);
  const rest = Array.from({ length: patches }, (_, patch) => patch).filter((patch) => !taken.has(patch));
  const step = Math.max(1, Math.floor(rest.length / contextual));
  const targets = Array.from({ length: contextual }, (_, i) => rest[i * step]!);
  const centres = new Set(targets);
  const others = contextual === 0 ? [] : rest.filter((patch) => !centres.has(patch));
  const ofToken = (patches: readonly number[]) => patches.map((patch) => patch + shift);
  const { target } = bestTargets(metric, inverseNorms(metric), ofToken(others), ofToken(targets));
  const gathered = targets.map((): number[] => []);
  others.forEach((patch, at) => {
    gathered[target[at]!]!.push(patch);
  });
  const rows = [
    ...(classToken ? [{ kept: -1, columns: [patches], weights: [1] }] : []),
    ...Array.from(kept, (patch) => ({ kept: patch, columns: [patch], weights: [1] })),
    ...targets.map((patch, at) => {
      const members = gathered[at]!;
      return {
        kept: patch,
        columns: [patch, ...members],
        weights: [1, ...members.map(() => 1 / members.length)],
      };
    }),
  ];
  return planOfRows(patches, raster ? rows.sort((a, b) => a.kept - b.kept) : rows);
}

export const visionZipMethod: Method = {
  name: "visionzip",
  description: "VisionZip: class token, highest class attention, and rows that gather the rest",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create(options, budget = quarter) {
    refuseUnknownOptions("visionzip", options, optionNames);
    return createVisionZip(options, budget);
  },
};
