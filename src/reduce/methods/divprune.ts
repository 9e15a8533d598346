import { inverseNorms } from "../../tensor/cosine.js";
import { dotSomeRows } from "../../tensor/dot.js";
import type { Matrix } from "../../tensor/matrix.js";
import type { Budget } from "../budget.js";
import { chooseGreedily } from "../greedy.js";
import type { Method } from "../method.js";
import { refuseUnknownOptions } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";

/** The released program's ratio: 56 of 576 patches. */
const usual = { kind: "share", ratio: 0.098 } as const satisfies Budget;

/**
 * DivPrune: patches that lie far from each other after the projector, unchanged and in raster order. The first is the one
 * whose nearest other patch is the farthest away; each further one has the largest distance to the nearest of those that
 * are kept. The distance is 1 - cosine of the projected rows; neither attention nor the question is read.
 *
 * Source: arXiv 2503.02175 (max-min diversity) and the described behaviour of the released program (vbdi/divprune), which
 * gives the same patches where its float32 decides; where it gives none that can be used, this is ours:
 * - Distances below 1e-12 count as 0, and of equal ones the lowest patch comes first, so that exact copies of kept patches
 *   are kept last, in raster order, and none twice. (The released program repeats a pick there.)
 * - A row of zeros has the distance 1 to every other row. (The released program gets NaN, and one patch again and again.)
 * - One patch at least is kept, and halves of `keepRatio` N are rounded up. (Released: Python's `round`, to the even number.)
 *
 * @param options `tokens` or `keepRatio`; left out: the released program's ratio, 0.098
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, divPrune({ tokens: 64 }));
 * ```
 */
export function divPrune(options: SamplingBudget = {}): Reducer {
  refuseUnknownOptions("divprune", options, ["tokens", "keepRatio"]);
  return createDivPrune(samplingBudget("divprune", options, usual));
}

function createDivPrune(budget: Budget): Reducer {
  return selectingReducer("divprune", budget, {}, { projected: true }, (signals, count) =>
    farthestRows(projectedRows(signals), count),
  );
}

/** A smaller distance is rounding noise of float64. */
const noise = 1e-12;
/** Rows that a candidate is compared with before another one may be the better candidate. */
const block = 16;

/** `count` rows of the largest distance to each other, in the order of choice. */
function farthestRows(rows: Matrix, count: number): Int32Array {
  const inverse = inverseNorms(rows);
  const dots = new Float64Array(block);
  const known = new Int32Array(rows.rows);
  const row = (at: number) => rows.data.subarray(at * rows.columns, (at + 1) * rows.columns);
  // The product of the norms in brackets: the distance of two rows has the same bits from both ends.
  const distance = (dot: number, i: number, j: number) => {
    const found = 1 - dot * (inverse[i] * inverse[j]);
    return found < noise ? 0 : found;
  };
  const nearest = new Float64Array(rows.rows).fill(2);
  nearest[loneliest()] = Number.POSITIVE_INFINITY;
  return chooseGreedily(nearest, count, (candidate, chosen, made) => {
    const from = known[candidate];
    if (from === made) return false;
    const to = Math.min(made, from + block);
    dotSomeRows(row(candidate), rows, chosen, from, to, dots);
    for (let at = from; at < to; at++) {
      nearest[candidate] = Math.min(nearest[candidate], distance(dots[at - from], candidate, chosen[at]));
    }
    known[candidate] = to;
    return true;
  });

  /** The row whose nearest other row is the farthest away. Rows that follow in raster order are looked at first: they are often near. */
  function loneliest(): number {
    const all = rows.rows;
    const twice = Int32Array.from({ length: 2 * all }, (_, at) => at % all);
    const worths = new Float64Array(all).fill(Number.POSITIVE_INFINITY);
    const least = worths.slice(); // what is found out about a row while another one is looked at
    const seen = new Int32Array(all);
    const [first] = chooseGreedily(worths, 1, (candidate) => {
      const from = seen[candidate];
      if (worths[candidate] === least[candidate]) {
        if (from === all - 1) return false;
        const to = Math.min(all - 1, from + block);
        const start = candidate + 1;
        dotSomeRows(row(candidate), rows, twice, start + from, start + to, dots);
        for (let at = from; at < to; at++) {
          const other = twice[start + at];
          const found = distance(dots[at - from], candidate, other);
          if (found < least[candidate]) least[candidate] = found;
          if (found < least[other]) least[other] = found;
        }
        seen[candidate] = to;
      }
      worths[candidate] = least[candidate];
      return true;
    });
    return first;
  }
}

export const divPruneMethod: Method = {
  name: "divprune",
  description: "patches far from each other after the projector",
  budgets: samplingKinds,
  defaultBudget: usual,
  create(options, budget = usual) {
    refuseUnknownOptions("divprune", options, []);
    return createDivPrune(budget);
  },
};
