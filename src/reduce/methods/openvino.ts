import { squaredNorms } from "../../tensor/cosine.js";
import type { Matrix } from "../../tensor/matrix.js";
import { type Budget, splitBudget } from "../budget.js";
import { pickRows } from "../inside-signals.js";
import type { Method } from "../method.js";
import { mostLikelySet } from "../most-likely-set.js";
import { booleanOption, refuseOption, refuseUnknownOptions, withDefaults } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { relevanceOf } from "../relevance.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";

export interface OpenVinoPruningOptions extends SamplingBudget {
  /** How much the question counts against being unlike the others: 0 (not at all) .. 1, default 0.5. */
  readonly relevanceWeight?: number;
  /** Whether patches are chosen in either half of the picture by itself, in raster order. Default true. */
  readonly halves?: boolean;
}

const defaults = { relevanceWeight: 0.5, halves: true } as const satisfies OpenVinoPruningOptions;

/** What that program adds where it divides. */
const epsilon = 1e-6;

/**
 * OpenVINO GenAI's variant of CDPruner, patches unchanged and in raster order: the greedy most likely set of a determinantal
 * point process with the kernel ((1 - w) + w r_i r_j) S_ij, chosen in the upper and the lower half by themselves, floor(T / 2) of
 * T in the upper one. S is the cosine of the rows after the projector, r the relevance to the question, (r - least) / (largest -
 * least + 1e-6) over the half.
 *
 * Source: openvinotoolkit/openvino.genai at da1db86 (`cdpruner/`), Apache 2.0, in float32, where rounding decides near ties; here
 * sums are float64. Its relevance is the cosine with the mean embedding of a whole prompt, system message and names of roles
 * among it: hand `see` the prompt written out to have the same, `question: { prompt }`.
 *
 * It reads the question, without which `see` refuses it.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, openVinoPruning({ keepRatio: 0.2 }), { question: "What is on the table?" });
 * ```
 */
export function openVinoPruning(options: OpenVinoPruningOptions = {}): Reducer {
  refuseUnknownOptions("openvino", options, ["tokens", "keepRatio", ...Object.keys(defaults)]);
  return createOpenVino(splitBudget(options).rest, samplingBudget("openvino", options));
}

function createOpenVino(given: Readonly<Record<string, unknown>>, budget: Budget): Reducer {
  refuseUnknownOptions("openvino", given, Object.keys(defaults));
  const options = withDefaults<Required<Omit<OpenVinoPruningOptions, keyof SamplingBudget>>>(defaults, given);
  const { relevanceWeight: weight, halves } = options;
  booleanOption("openvino", "halves", halves);
  if (!(typeof weight === "number" && weight >= 0 && weight <= 1))
    refuseOption("openvino", "relevanceWeight", "a number from 0 to 1", weight);
  const need = { projected: true, relevance: true };
  return selectingReducer("openvino", budget, options, need, (signals, count) => {
    const rows = projectedRows(signals);
    const relevance = relevanceOf(signals);
    if (!halves || rows.rows < 2) return mostLikely(rows, relevance, weight, count);
    const middle = rows.rows >> 1;
    const part = (from: number, to: number, share: number) => {
      const own = pickRows(
        rows,
        Int32Array.from({ length: to - from }, (_, at) => from + at),
      );
      return mostLikely(own, relevance.subarray(from, to), weight, share).map((row) => from + row);
    };
    const upper = count >> 1;
    return Int32Array.of(...part(0, middle, upper), ...part(middle, rows.rows, count - upper));
  });
}

/** By relevance and unlikeness, of some rows. */
function mostLikely(rows: Matrix, cosines: Float32Array, weight: number, count: number): Int32Array {
  const squares = squaredNorms(rows);
  const inverse = squares.map((square) => 1 / Math.sqrt(square + epsilon));
  const relevance = Float64Array.from(
    cosines,
    (cosine, row) => cosine * Math.sqrt(squares[row]!) * inverse[row]!,
  );
  const least = relevance.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const largest = relevance.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const shares = relevance.map((value) => (value - least) / (largest - least + epsilon));
  return mostLikelySet(rows, inverse, count, {
    scale: (a, b) => 1 - weight + weight * shares[a]! * shares[b]!,
    epsilon,
    worth: (left) => left,
    least: Number.NEGATIVE_INFINITY,
  });
}

export const openVinoMethod: Method = {
  name: "openvino",
  description: "OpenVINO's CDPruner: the same choice in either half of the picture, relevance by a weight",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create: (options, budget = quarter) => createOpenVino(options, budget),
};
