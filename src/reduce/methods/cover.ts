import { type Budget, type BudgetOptions, readBudget, spellBudget, splitBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { clusterMeans } from "../cluster-means.js";
import { farthestRows } from "../farthest-rows.js";
import type { Method } from "../method.js";
import { refuseUnknownOptions, withDefaults } from "../options.js";
import type { MergePlan } from "../plan.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import type { Signals } from "../signals.js";
import { type SizeBiasOption, sizeBias } from "../size-bias.js";

/** Options of {@link cover}; `sizeBias` is on where it is left out. */
export interface CoverOptions extends Pick<BudgetOptions, "tokens" | "keepRatio">, SizeBiasOption {}

const budgets = ["exact", "share"] as const satisfies readonly Budget["kind"][];
const defaults = { sizeBias: true } as const satisfies CoverOptions;
const usual = { kind: "exact", rows: 64 } as const satisfies Budget;

/**
 * Rows that cover the picture: patches that lie far from each other behind the projector, each the mean of the patches
 * nearest to it. It reads no attention and no class token.
 *
 * E are the projected patches. Centres: farthest points by 1 - cosine of E, ties to the lower patch. Every patch belongs to
 * the centre of the least squared Euclidean distance of E, a centre to itself, ties to the centre that was chosen first. A
 * row is the mean of its patches' features before the projector; rows stand in raster order of their centres.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see("street.jpg", cover({ tokens: 64 }), { positions: "original" });
 * ```
 */
export function cover(options: CoverOptions = {}): Reducer {
  refuseUnknownOptions("cover", options, ["tokens", "keepRatio", "sizeBias"]);
  return createCover(splitBudget(options).rest, readBudget("cover", options) ?? usual);
}

function createCover(given: Readonly<Record<string, unknown>>, budget: Budget): Reducer {
  refuseUnknownOptions("cover", given, Object.keys(defaults));
  const options = withDefaults(defaults, given);
  return {
    method: "cover",
    budget,
    options: Object.freeze({ ...options, ...spellBudget(budget) }),
    need: { projected: true },
    ...sizeBias("cover", options.sizeBias),
    plan(signals, room = rowRoom({ method: "cover", budget }, signals.patches.rows)) {
      checkSignals(signals);
      return coverPlan(signals, room.count);
    },
  };
}

function coverPlan(signals: Signals, count: number): MergePlan {
  const projected = projectedRows(signals);
  const centres = farthestRows(projected, count);
  return clusterMeans(projected, centres, centres.slice().sort());
}

export const coverMethod: Method = {
  name: "cover",
  description: "patches far from each other behind the projector, each the mean of those nearest to it",
  budgets,
  defaultBudget: usual,
  create: (options, budget = usual) => createCover(options, budget),
};
