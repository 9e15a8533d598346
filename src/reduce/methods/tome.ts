import { inverseNorms } from "../../tensor/cosine.js";
import type { Matrix } from "../../tensor/matrix.js";
import { bestTargets } from "../best-targets.js";
import { type Budget, spellBudget, splitBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { meanOverHeads } from "../mean-over-heads.js";
import type { Method } from "../method.js";
import { integerOption, refuseUnknownOptions, withDefaults } from "../options.js";
import { planOfRows } from "../plan-of-rows.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { type SizeBiasOption, sizeBias } from "../size-bias.js";

/** `sizeBias` is ToMe's proportional attention, for the language model's layers. Off where it is left out. */
export interface TokenMergingOptions extends SamplingBudget, SizeBiasOption {}

const defaults = { sizeBias: false } as const satisfies TokenMergingOptions;

/**
 * Token merging after the tower: patches are averaged pair by pair, the most similar first, until the count is reached. Source:
 * arXiv 2210.09461 (ToMe), whose program merges inside the tower instead, a few in every layer; facts alone were taken from it.
 *
 * In each step every second token (the first, the third, ...) looks for the most similar of the others, by the cosine of the last
 * layer's keys, averaged over heads; the most similar pairs are merged, as many as are needed and half of the tokens at most.
 * A row is the mean of its patches, and so is its key. What was not merged stands before what was merged into in the next
 * step, most similar first, as in the released program without a class token. The rows come in raster order of the patch that
 * others were merged into. Without a count a quarter of the patches. Ties go to the lowest index.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = tokenMerging({ tokens: 64 }).plan(signals);
 * ```
 */
export function tokenMerging(options: TokenMergingOptions = {}): Reducer {
  refuseUnknownOptions("tome", options, ["tokens", "keepRatio", ...Object.keys(defaults)]);
  return createTokenMerging(splitBudget(options).rest, samplingBudget("tome", options));
}

function createTokenMerging(given: Readonly<Record<string, unknown>>, budget: Budget): Reducer {
  refuseUnknownOptions("tome", given, Object.keys(defaults));
  const options = withDefaults(defaults, given);
  const named = { method: "tome", budget };
  return {
    ...named,
    options: Object.freeze({ ...options, ...spellBudget(budget) }),
    ...sizeBias("tome", options.sizeBias),
    need: { layers: [-1] },
    plan(signals, { count } = rowRoom(named, signals.patches.rows)) {
      checkSignals(signals);
      const { patches, keys, heads, classToken } = signals;
      integerOption("tome", "tokens", count, 1, patches.rows);
      const patchKeys = {
        rows: patches.rows,
        columns: keys.columns,
        data: keys.data.subarray(classToken ? keys.columns : 0),
      };
      let tokens = everyToken(meanOverHeads(patchKeys, heads));
      while (tokens.members.length > count) tokens = mergeOnce(tokens, tokens.members.length - count);
      const rows = [...tokens.members].sort((a, b) => a[0]! - b[0]!);
      return planOfRows(
        patches.rows,
        rows.map((columns) => ({
          kept: columns[0]!,
          columns,
          weights: columns.map(() => 1 / columns.length),
        })),
      );
    },
  };
}

function mergeOnce(tokens: MergedTokens, wanted: number): MergedTokens {
  const all = Array.from(tokens.members.keys());
  const sources = all.filter((token) => token % 2 === 0);
  const targets = all.filter((token) => token % 2 === 1);
  const { apart, joined } = matchTokens(tokens.metric, sources, targets, wanted);
  return mergeTokens(tokens, [...apart.map((token) => [token]), ...joined]);
}

/** Tokens, each the mean of some patches. */
export interface MergedTokens {
  /** The patches of each; the one that others were merged into first. */
  readonly members: readonly (readonly number[])[];
  /** What similarity is measured by, a row for each. */
  readonly metric: Matrix;
}

/** Every row of a metric as a token. */
export function everyToken(metric: Matrix): MergedTokens {
  return { members: Array.from({ length: metric.rows }, (_, token) => [token]), metric };
}

/** Which tokens go together. */
export interface TokenMatch {
  /** Sources that stay by themselves, most similar to their target first. */
  readonly apart: readonly number[];
  /** For each target, itself and the sources that are merged into it, most similar first. */
  readonly joined: readonly (readonly number[])[];
}

/**
 * Each source's most similar target, and the pairs that are most similar of all.
 *
 * @param most sources to merge; all of them where there are fewer
 */
export function matchTokens(
  metric: Matrix,
  sources: readonly number[],
  targets: readonly number[],
  most: number,
): TokenMatch {
  const { target, similarity } = bestTargets(metric, inverseNorms(metric), sources, targets);
  const ranked = Array.from(sources.keys()).sort((a, b) => similarity[b]! - similarity[a]! || a - b);
  const joined = targets.map((token) => [token]);
  for (const at of ranked.slice(0, most)) joined[target[at]!]!.push(sources[at]!);
  return { apart: ranked.slice(most).map((at) => sources[at]!), joined };
}

/** Tokens put together as listed, each the mean of its patches. */
export function mergeTokens(
  { members, metric }: MergedTokens,
  groups: readonly (readonly number[])[],
): MergedTokens {
  const { columns, data } = metric;
  const merged = new Float32Array(groups.length * columns);
  const sum = new Float64Array(columns);
  groups.forEach((group, row) => {
    sum.fill(0);
    for (const token of group) {
      const size = members[token]!.length;
      for (let c = 0; c < columns; c++) sum[c]! += size * data[token * columns + c]!;
    }
    const size = group.reduce((total, token) => total + members[token]!.length, 0);
    for (let c = 0; c < columns; c++) merged[row * columns + c] = sum[c]! / size;
  });
  return {
    members: groups.map((group) => group.flatMap((token) => members[token]!)),
    metric: { rows: groups.length, columns, data: merged },
  };
}

export const tokenMergingMethod: Method = {
  name: "tome",
  description: "token merging: similar patches averaged pair by pair",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create: (options, budget = quarter) => createTokenMerging(options, budget),
};
