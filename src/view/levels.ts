import { type OutlierRule, outlierRule } from "../reduce/outliers.js";
import { insideSites, type Region } from "../reduce/sites.js";

/** What is said of the patches' attention. */
export interface AttentionLevels {
  /**
   * [N]. Of one view the attention itself. Of several it is divided by the fence of the patch's own view, since the softmaxes of two
   * views are not comparable; 0 for patches of padding and of views that were not encoded.
   */
  readonly levels: Float32Array;
  /** Of the levels; of several views the fence is 1. */
  readonly rule: OutlierRule;
  /** Levels of the patches that show the picture, of views that were encoded. */
  readonly shown: Float32Array;
}

/** @param attention [N], of each view by itself; 0 throughout for a view that was not encoded */
export function attentionLevels(
  attention: Float32Array,
  regions: readonly Region[],
  iqrFactor: number,
): AttentionLevels {
  if (regions.length === 1) {
    const shown = pick(attention, insideSites(regions[0]));
    return { levels: attention, rule: outlierRule(shown, iqrFactor), shown };
  }
  const levels = new Float32Array(attention.length);
  const shown: number[] = [];
  let outliers = 0;
  for (const region of regions) {
    const sites = insideSites(region);
    const own = pick(attention, sites);
    if (!own.some((value) => value > 0)) continue;
    const { fence, outliers: above } = outlierRule(own, iqrFactor);
    for (const [at, site] of sites.entries()) levels[site] = own[at] / fence;
    for (const site of sites) shown.push(levels[site]);
    outliers += above;
  }
  const all = Float32Array.from(shown);
  return { levels, rule: { ...outlierRule(all, iqrFactor), fence: 1, outliers }, shown: all };
}

function pick(values: Float32Array, sites: Int32Array): Float32Array {
  return Float32Array.from(sites, (site) => values[site]);
}
