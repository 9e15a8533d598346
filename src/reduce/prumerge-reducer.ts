import {
  type Budget,
  type BudgetOptions,
  budgetOptions,
  readBudget,
  spellBudget,
  splitBudget,
} from "./budget.js";
import { checkSignals } from "./check-signals.js";
import { type ClassAttentionOptions, computeClassAttention } from "./class-attention.js";
import { clusterMeans, nearestCentre } from "./cluster-means.js";
import type { GraphProgram } from "./graph-program.js";
import { buildMergePlan, checkMergeOptions, type MergeOptions, mergeDefaults } from "./merging.js";
import { booleanOption, choiceOption, refuseOption, refuseUnknownOptions, withDefaults } from "./options.js";
import { projectedRows } from "./projected-rows.js";
import type { PruMergeSettings } from "./prumerge-settings.js";
import type { Reducer } from "./reducer.js";
import { rowRoom } from "./row-room.js";
import { selectPatches } from "./selection.js";
import { type SizeBiasOption, sizeBias } from "./size-bias.js";

/**
 * Options of `prumerge` and `prumerge+`; the defaults give what the released code gives for one picture.
 *
 * `sizeBias`, off by default: PruMerge's weights are no shares of anything, a kept patch weighs 1 and each neighbour its attention.
 * A row's mass is the number of equal weights that would spread as these do, (sum w)^2 / sum w^2: little more than 1 for a kept
 * patch whose neighbours add little, for the global token the number of patches among which the attention left over is spread, and
 * with `merge: "means"` the number of patches in the mean.
 */
export interface PruMergeOptions
  extends BudgetOptions,
    MergeOptions,
    ClassAttentionOptions,
    ClusterOption,
    SizeBiasOption {
  /** Outliers lie above Q3 + iqrFactor (Q3 - Q1); 0 .. 1000, default 1.5. */
  readonly iqrFactor?: number;
  /** Order of the rows: `attention` (default, as released: highest first) or `raster`. The global token is always last. */
  readonly order?: "attention" | "raster";
  /**
   * Replays the released code's rounding: int(N ratio) kept outliers, which can lose one, and int(1 / ratio) as
   * PruMerge+'s step. `effivlm`, of \`prumerge+\` with a count: EffiVLM-Bench's rule for towers without a class token, all
   * outliers and then every (N / n)-th patch from the top until there are n. Left out (default): the outlier count itself and
   * N // count; a count is half by attention and half spread over the rest.
   */
  readonly compatibility?: "released" | "effivlm";
  /** Outlier share to use instead of the picture's own, only with `compatibility`; see {@link pooledOutlierRatio}. */
  readonly outlierRatio?: number;
}

/** How PruMerge's kept patches take up the others. */
interface ClusterOption {
  /**
   * - `released` (default): neighbours by their attention are added to each kept patch
   * - `none`: kept patches as they are, as `neighbours: 0`
   * - `means`: every patch belongs to the kept one nearest to it behind the projector (squared Euclidean distance; ties to
   *   the first row), and rows are the means; no global token
   */
  readonly merge?: "released" | "means" | "none";
}

const defaults = {
  ...mergeDefaults,
  perHeadAttention: false,
  iqrFactor: 1.5,
  order: "attention",
  merge: "released",
  sizeBias: false,
} as const satisfies PruMergeOptions;
/** What PruMerge's own merging is told. */
const mergingOptions = ["neighbours", "similarity", "normalizedMerge"] as const;
const optionNames = [...Object.keys(defaults), ...budgetOptions, "compatibility", "outlierRatio"];
const largestIqrFactor = 1000;

type CheckedOptions = Omit<PruMergeOptions, keyof BudgetOptions> &
  Required<Omit<PruMergeOptions, keyof BudgetOptions | "compatibility" | "outlierRatio">>;

/**
 * The reducer behind the methods; `spatial` makes the difference.
 *
 * @param asked budget, where the options do not spell it; without either, the rule
 */
export function prumergeReducer(
  method: string,
  spatial: boolean,
  given: PruMergeOptions,
  asked: Budget | undefined = readBudget(method, given),
): Reducer {
  const budget = asked ?? { kind: "rule" };
  refuseUnknownOptions(method, given, optionNames);
  const options = checkedOptions(method, splitBudget(given).rest);
  const { iqrFactor, globalToken, compatibility, outlierRatio } = options;
  const rasterOrder = options.order === "raster";
  const extraRows = globalToken ? 1 : 0;
  const ofOthers = {
    ...(compatibility !== undefined && {
      [compatibility === "effivlm" ? "benchmark" : "released"]:
        outlierRatio === undefined ? {} : { outlierRatio },
    }),
  };
  if (compatibility === "effivlm" && !(spatial && (budget.kind === "exact" || budget.kind === "share")))
    refuseOption(method, "compatibility", "prumerge+ with a count or a share, for effivlm", compatibility);
  return {
    method,
    budget,
    options: Object.freeze({ ...options, ...spellBudget(budget) }),
    extraRows,
    ...sizeBias(method, options.sizeBias),
    ...(options.merge === "means" && { need: { layers: [-1], projected: true } }),
    plan(signals, room = rowRoom({ method, budget, extraRows }, signals.patches.rows)) {
      checkSignals(signals);
      const attention = computeClassAttention(signals, options);
      const settings = { ...room, iqrFactor, spatial, globalToken, rasterOrder, ...ofOthers };
      const kept = selectPatches(attention, signals.grid, settings);
      return options.merge === "means"
        ? clusterMeans(nearestCentre(projectedRows(signals), kept), kept)
        : buildMergePlan(signals, kept, attention, options);
    },
    inGraph(patches, room) {
      const held =
        !options.perHeadAttention &&
        options.merge !== "means" &&
        options.similarity === "cosine" &&
        !options.normalizedMerge &&
        compatibility === undefined;
      if (!held) return undefined;
      const neighbours = Math.min(options.neighbours, patches - 1);
      const settings = { ...room, iqrFactor, neighbours, spatial, globalToken, rasterOrder };
      return { name: "prumerge", settings } satisfies GraphProgram & { settings: PruMergeSettings };
    },
  };
}

/**
 * Options over defaults. What the chosen merging does not read must be left out, or be the default that records of it hold.
 */
function checkedOptions(method: string, given: object): CheckedOptions {
  const options: CheckedOptions = withDefaults<CheckedOptions>(defaults, given);
  const merge = choiceOption(method, "merge", options.merge, ["released", "means", "none"]);
  checkOptions(method, options);
  if (merge === "released") return options;
  for (const name of mergingOptions) {
    const usual = name === "neighbours" && merge === "none" ? [0, defaults.neighbours] : [defaults[name]];
    if (!usual.includes(options[name] as never))
      refuseOption(method, name, `to be left out with merge: "${merge}"`, options[name]);
  }
  if (merge === "none") return { ...options, neighbours: 0 };
  const { globalToken = false } = given as MergeOptions;
  if (globalToken)
    refuseOption(
      method,
      "globalToken",
      'to be left out with merge: "means", which leaves no patch over',
      true,
    );
  return { ...options, globalToken: false };
}

function checkOptions(method: string, options: CheckedOptions): void {
  const { iqrFactor, order, perHeadAttention, compatibility, outlierRatio } = options;
  checkMergeOptions(method, options);
  booleanOption(method, "perHeadAttention", perHeadAttention);
  choiceOption(method, "order", order, ["attention", "raster"]);
  if (!(typeof iqrFactor === "number" && iqrFactor >= 0 && iqrFactor <= largestIqrFactor)) {
    refuseOption(method, "iqrFactor", `a number from 0 to ${largestIqrFactor}`, iqrFactor);
  }
  if (compatibility !== undefined)
    choiceOption(method, "compatibility", compatibility, ["released", "effivlm"]);
  if (outlierRatio === undefined) return;
  if (compatibility === undefined) {
    refuseOption(method, "outlierRatio", "to be left out without compatibility", outlierRatio);
  }
  if (!(typeof outlierRatio === "number" && outlierRatio >= 0 && outlierRatio <= 1)) {
    refuseOption(method, "outlierRatio", "a number from 0 to 1", outlierRatio);
  }
}
