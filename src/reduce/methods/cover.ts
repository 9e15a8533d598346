import { dotRows } from "../../tensor/dot.js";
import type { Matrix } from "../../tensor/matrix.js";
import { type Budget, type BudgetOptions, readBudget, spellBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { farthestRows } from "../farthest-rows.js";
import type { Method } from "../method.js";
import { booleanOption, refuseUnknownOptions } from "../options.js";
import type { MergePlan } from "../plan.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import type { Signals } from "../signals.js";

/** Options of {@link cover}. */
export interface CoverOptions extends Pick<BudgetOptions, "tokens" | "keepRatio"> {
  /**
   * Weigh each row in the language model's attention by the number of patches that it is the mean of: + ln(size) on its
   * key. Default true, for models whose decoder takes it.
   */
  readonly sizeBias?: boolean;
}

const budgets = ["exact", "share"] as const satisfies readonly Budget["kind"][];
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
  const { sizeBias, ...budget } = options;
  return createCover(sizeBias === undefined ? {} : { sizeBias }, readBudget("cover", budget) ?? usual);
}

function createCover(options: Readonly<Record<string, unknown>>, budget: Budget): Reducer {
  refuseUnknownOptions("cover", options, ["sizeBias"]);
  const sizeBias = options.sizeBias ?? true;
  booleanOption("cover", "sizeBias", sizeBias);
  return {
    method: "cover",
    budget,
    options: Object.freeze({ sizeBias, ...spellBudget(budget) }),
    need: { projected: true },
    ...(sizeBias === true && { rowBias: "size" as const }),
    plan(signals, room = rowRoom({ method: "cover", budget }, signals.patches.rows)) {
      checkSignals(signals);
      return coverPlan(signals, room.count);
    },
  };
}

function coverPlan(signals: Signals, count: number): MergePlan {
  const projected = projectedRows(signals);
  const points = projected.rows;
  const centres = farthestRows(projected, count);
  const members = nearestCentre(projected, centres);
  const raster = centres.slice().sort();
  const clusters = new Map(Array.from(raster, (centre) => [centre, [centre]]));
  members.forEach((centre, patch) => {
    if (centre !== patch) clusters.get(centre)!.push(patch);
  });
  const offsets = new Int32Array(count + 1);
  raster.forEach((centre, row) => {
    offsets[row + 1] = offsets[row] + clusters.get(centre)!.length;
  });
  const weights = new Float32Array(points);
  raster.forEach((centre, row) => {
    weights.fill(1 / clusters.get(centre)!.length, offsets[row], offsets[row + 1]);
  });
  const columns = Int32Array.from([...clusters.values()].flat());
  return { patches: points, keptPatches: raster, offsets, columns, weights };
}

/** Per patch its centre, by squared Euclidean distance. */
function nearestCentre(rows: Matrix, centres: Int32Array): Int32Array {
  const nearest = new Int32Array(rows.rows);
  const least = new Float64Array(rows.rows).fill(Infinity);
  const products = new Float64Array(rows.rows);
  for (const centre of centres) {
    const own = rows.data.subarray(centre * rows.columns, (centre + 1) * rows.columns);
    dotRows(own, own, rows, products, products);
    const square = products[centre];
    products.forEach((product, patch) => {
      // The patch's own square is the same for all centres.
      const distance = square - 2 * product;
      if (distance < least[patch]) [nearest[patch], least[patch]] = [centre, distance];
    });
  }
  for (const centre of centres) nearest[centre] = centre;
  return nearest;
}

export const coverMethod: Method = {
  name: "cover",
  description: "patches far from each other behind the projector, each the mean of those nearest to it",
  budgets,
  defaultBudget: usual,
  create: (options, budget = usual) => createCover(options, budget),
};
