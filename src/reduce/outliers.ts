import { percentile } from "../tensor/percentile.js";

/** The interquartile-range rule on one picture's class attention; all values float32. */
export interface OutlierRule {
  readonly firstQuartile: number;
  readonly thirdQuartile: number;
  /** Q3 + iqrFactor (Q3 - Q1). */
  readonly fence: number;
  /** How many patches lie strictly above the fence; never more than (N - 1) / 4, rounded up. */
  readonly outliers: number;
}

/**
 * Adaptive importance-based token selection: patches whose class attention lies above the upper fence. Source: the
 * paper's section on AITS and the released `outlier_dectection`, numpy in float32, strictly above.
 *
 * @param attention [N], finite; over several pictures for the released code's pooled rule
 */
export function outlierRule(attention: Float32Array, iqrFactor = 1.5): OutlierRule {
  const round = Math.fround;
  const sorted = attention.slice().sort();
  const firstQuartile = percentile(sorted, 0.25);
  const thirdQuartile = percentile(sorted, 0.75);
  const margin = round(round(iqrFactor) * round(thirdQuartile - firstQuartile));
  const fence = round(thirdQuartile + margin);
  let outliers = 0;
  for (const value of attention) if (value > fence) outliers++;
  return { firstQuartile, thirdQuartile, fence, outliers };
}

/**
 * Share of outliers over a whole batch, as the released code pools it: quartiles and count over all pictures at once.
 * For replaying its runs, see `compatibility` of {@link PruMergeOptions}; the product works picture by picture.
 */
export function pooledOutlierRatio(attentions: readonly Float32Array[], iqrFactor = 1.5): number {
  const all = Float32Array.from(attentions.flatMap((attention) => [...attention]));
  return outlierRule(all, iqrFactor).outliers / all.length;
}
