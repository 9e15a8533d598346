import { type Budget, type BudgetOptions, readBudget, spellBudget, splitBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { clusterMeans } from "../cluster-means.js";
import { coverRows } from "../covering-rows.js";
import { meanDistance } from "../mean-distance.js";
import type { Method } from "../method.js";
import { refuseOption, refuseUnknownOptions, withDefaults } from "../options.js";
import type { MergePlan } from "../plan.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer, RowRoom } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import type { Signals } from "../signals.js";
import { type SizeBiasOption, sizeBias, withoutSizeBias, withUnbiased } from "../size-bias.js";

/** Options of {@link cover}; `sizeBias` is on where it is left out. */
export interface CoverOptions extends BudgetOptions, SizeBiasOption {
  /**
   * Of the adaptive rule: centres are added until no patch is farther than this from one, 1 - cosine; 0 .. 2, default 0.1. What is
   * far depends on the projector.
   */
  readonly reach?: number;
  /**
   * The same as a share of the mean distance of two patches of the view, 0 .. 2, which depends on no projector's scale; the larger of
   * the two counts. Default 0.5, and 0 where `reach` is given alone. Both defaults were chosen on drawn scenes (docs/cover.md).
   */
  readonly relativeReach?: number;
}

const budgets = ["exact", "share", "cap", "rule"] as const satisfies readonly Budget["kind"][];
const defaults = { reach: 0.1, relativeReach: 0.5, sizeBias: true } as const satisfies CoverOptions;
const usual = { kind: "exact", rows: 64 } as const satisfies Budget;

/**
 * Rows that cover the picture: patches that lie far from each other behind the projector, each the mean of the patches
 * nearest to it. It reads no attention and no class token.
 *
 * E are the projected patches. Centres: farthest points by 1 - cosine of E, ties to the lower patch. Every patch belongs to
 * the centre of the least squared Euclidean distance of E, a centre to itself, ties to the centre that was chosen first. A
 * row is the mean of its patches' features before the projector; rows stand in raster order of their centres.
 *
 * Rows: `tokens: n` or a share exactly; 64 where nothing is said. With `maxTokens`, or with a `reach` and no count, the
 * adaptive rule: centres until no patch is farther from one than `reach`, or than half the mean distance of two patches if that is
 * more, so that simple pictures get few and busy ones many, whatever the model.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see("street.jpg", cover({ tokens: 64 }), { positions: "original" });
 * ```
 */
export function cover(options: CoverOptions = {}): Reducer {
  return createCover(splitBudget(options).rest, readBudget("cover", options));
}

function createCover(given: Readonly<Record<string, unknown>>, asked: Budget | undefined): Reducer {
  refuseUnknownOptions("cover", given, Object.keys(defaults));
  const alone = given.reach !== undefined && given.relativeReach === undefined;
  const options: CoverRule & Required<SizeBiasOption> = withDefaults(
    alone ? { ...defaults, relativeReach: 0 } : defaults,
    given,
  );
  const { reach, relativeReach } = options;
  for (const [name, value] of Object.entries({ reach, relativeReach })) {
    if (!(typeof value === "number" && value >= 0 && value <= 2))
      refuseOption("cover", name, "a number from 0 to 2", value);
  }
  const ruled = given.reach !== undefined || given.relativeReach !== undefined;
  const budget = asked ?? (ruled ? { kind: "rule" } : usual);
  const adaptive = budget.kind === "rule" || budget.kind === "cap";
  // Records of exact counts are those of earlier versions, which had one reach.
  const { relativeReach: _, ...said } = options;
  const reducer: Reducer = {
    method: "cover",
    budget,
    options: Object.freeze({ ...(adaptive ? options : said), ...spellBudget(budget) }),
    need: { projected: true },
    ...sizeBias("cover", options.sizeBias),
    plan(signals, room = rowRoom({ method: "cover", budget }, signals.patches.rows)) {
      checkSignals(signals);
      return coverPlan(signals, room, options);
    },
    // The graph knows of one reach, and of none where the count is exact.
    inGraph: (_, { exact, count }) =>
      exact || relativeReach === 0 ? { name: "cover", settings: { exact, count, reach } } : undefined,
  };
  if (given.sizeBias !== undefined) return reducer;
  return withUnbiased(reducer, createCover({ ...given, ...withoutSizeBias }, asked));
}

/** When the adaptive rule ends. */
type CoverRule = Required<Pick<CoverOptions, "reach" | "relativeReach">>;

function coverPlan(
  signals: Signals,
  { exact, count }: RowRoom,
  { reach, relativeReach }: CoverRule,
): MergePlan {
  const projected = projectedRows(signals);
  // A cap of 0 is none.
  const most = exact ? count : Math.min(count || projected.rows, projected.rows);
  const far = () => (relativeReach === 0 ? reach : Math.max(reach, relativeReach * meanDistance(projected)));
  const { centres, home } = coverRows(projected, most, exact ? undefined : far());
  return clusterMeans(home, centres.sort());
}

export const coverMethod: Method = {
  name: "cover",
  description: "patches far from each other behind the projector, each the mean of those nearest to it",
  budgets,
  defaultBudget: usual,
  create: createCover,
};
