import { PrumergeError } from "../errors.js";
import type { Picture } from "../image/index.js";
import { classAttention } from "../reduce/class-attention.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Signals } from "../reduce/signals.js";
import type { Region, Sites } from "../reduce/sites.js";
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
  /** There where `see` was asked for `signals`; without them the patches' attention and its histogram are left out. */
  readonly signals?: readonly Signals[];
}

/**
 * Prepares what a model saw for drawing.
 *
 * @param picture the decoded picture that was seen
 * @param name what to call it
 * @throws PrumergeError INVALID_TENSOR for a plan or signals that do not fit together; INVALID_OPTION for a picture of
 * several views
 * @example
 * ```ts
 * const picture = await decodePicture("table.png");
 * const seen = await model.see(picture, pruMergePlus(), { signals: true });
 * await writeFile("kept.html", await renderInspection(inspectTokens(picture, seen), "html"));
 * ```
 */
export function inspectTokens(picture: Picture, seen: SeenTokens, name?: string): Inspection {
  const { plan, sites, question, signals, statistics } = seen;
  const { rectangle: view, ...grid } = onlyRegion(sites);
  const { method, options, visualTokens, unreducedTokens } = statistics;
  const { encodeMilliseconds, keyValueBytes, unreducedKeyValueBytes } = statistics;
  const perHeadAttention = options.perHeadAttention === true;
  return createInspection({
    picture,
    view,
    grid: { rows: grid.rows, columns: grid.columns },
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
    ...(signals !== undefined && attentionOf(signals[0], plan, perHeadAttention)),
    ...(name !== undefined && { name }),
  });
}

function attentionOf(signals: Signals, plan: MergePlan, perHeadAttention: boolean) {
  const attention = classAttention(signals, { perHeadAttention });
  return {
    classAttention: attention,
    classToken: signals.classToken,
    signs: towerSigns(plan, signals, attention),
  };
}

function onlyRegion({ regions }: Sites): Region {
  if (regions.length === 1) return regions[0];
  throw new PrumergeError("INVALID_OPTION", "a picture of several views is not drawn", {
    expected: "one view",
    found: `${regions.length}, the whole picture and its tiles`,
    help: "Show the model the whole picture alone: --views base, or views of see()",
  });
}
