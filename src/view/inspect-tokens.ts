import type { Picture } from "../image/index.js";
import { classAttention } from "../reduce/class-attention.js";
import { insideSignals } from "../reduce/inside-signals.js";
import type { MergePlan } from "../reduce/plan.js";
import { lastLayer, type Signals } from "../reduce/signals.js";
import { insideSites, type Sites } from "../reduce/sites.js";
import { createInspection, type Inspection, type InspectionStatistics } from "./inspection.js";
import { towerSigns } from "./tower-signs.js";

/** What a model saw of a picture: the result of `model.see`. */
export interface SeenTokens {
  readonly plan: MergePlan;
  readonly sites: Sites;
  readonly question?: string;
  readonly statistics: InspectionStatistics & {
    readonly method: string;
    readonly options: Readonly<Record<string, unknown>>;
  };
  /**
   * Of each view, there where `see` was asked for `signals`; without them the patches' attention and its histogram are left out.
   * None of a view that was not encoded.
   */
  readonly signals?: readonly (Signals | undefined)[];
}

/**
 * Prepares what a model saw for drawing.
 *
 * @param picture the decoded picture that was seen
 * @param name what to call it
 * @throws PrumergeError INVALID_TENSOR for a plan or signals that do not fit together; INVALID_OPTION for a video
 * @example
 * ```ts
 * const picture = await decodePicture("table.png");
 * const seen = await model.see(picture, pruMergePlus(), { signals: true });
 * await writeFile("kept.html", await renderInspection(inspectTokens(picture, seen), "html"));
 * ```
 */
export function inspectTokens(picture: Picture, seen: SeenTokens, name?: string): Inspection {
  const { plan, sites, question, signals, statistics } = seen;
  const { regions } = sites;
  const { rectangle: view, ...grid } = regions[0];
  const { method, options, visualTokens, unreducedTokens } = statistics;
  const { encodeMilliseconds, keyValueBytes, unreducedKeyValueBytes } = statistics;
  const perHeadAttention = options.perHeadAttention === true;
  return createInspection({
    picture,
    view,
    grid: { rows: grid.rows, columns: grid.columns },
    ...(regions.length > 1 && { regions }),
    plan,
    method,
    ...(question !== undefined && { question }),
    options,
    statistics: {
      visualTokens,
      unreducedTokens,
      ...(encodeMilliseconds !== undefined && { encodeMilliseconds }),
      ...(keyValueBytes !== undefined && { keyValueBytes }),
      ...(unreducedKeyValueBytes !== undefined && { unreducedKeyValueBytes }),
    },
    ...(signals !== undefined && attentionOf(signals, sites, plan, perHeadAttention)),
    ...(name !== undefined && { name }),
  });
}

function attentionOf(
  signals: SeenTokens["signals"],
  { count, regions }: Sites,
  plan: MergePlan,
  perHeadAttention: boolean,
) {
  const attention = new Float32Array(count);
  for (const [at, region] of regions.entries()) {
    const own = signals?.[at];
    if (own === undefined || lastLayer(own) === undefined || insideSites(region).length === 0) continue;
    // As methods read it: padding is in no softmax.
    const values = classAttention(insideSignals(own, region), { perHeadAttention });
    for (const [index, site] of insideSites(region).entries()) attention[site] = values[index];
  }
  const first = signals?.find((one) => one !== undefined && lastLayer(one) !== undefined);
  if (first === undefined) return {};
  return {
    classAttention: attention,
    classToken: first.classToken,
    ...(regions.length === 1 && { signs: towerSigns(plan, first, attention) }),
  };
}
