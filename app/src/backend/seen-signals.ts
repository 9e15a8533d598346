import { type Inspection, inspectTokens } from "prumerge/drawing";
import { insideSites, planRows, planSites, readsQuestion, type Signals, type Sites } from "prumerge/reduce";
import { type ModelInfo, type Reduction, reduces, type SeenPicture } from "./model-backend.js";
import { questionWanted } from "./question-wanted.js";
import { reducerOf } from "./reducer-of.js";

/** What was read of a picture, from which any plan can be made. */
export interface ReadPicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly sites: Sites;
  /** Of each view. */
  readonly signals: readonly (Signals | undefined)[];
  readonly unreduced: Unreduced;
  /** What the signals' relevance is of. */
  readonly question?: string | undefined;
}

type Unreduced = Pick<Parameters<typeof inspectTokens>[1], "plan"> & { readonly tokens: number };

type Geometry = Pick<ModelInfo, "leadingTokens" | "keyValueBytesPerToken">;

/** Makes plans here and now: only the signals came from the model. */
export function seenBySignals(read: ReadPicture, model: Geometry): SeenPicture {
  return { inspect: (reduction) => inspect(read, reduction, model) };
}

function inspect(read: ReadPicture, reduction: Reduction, model: Geometry): Inspection {
  const { name, width, height, sites, signals, unreduced, question } = read;
  const { leadingTokens, keyValueBytesPerToken } = model;
  const reducer = reducerOf(reduction);
  const asked = readsQuestion(reducer);
  if (asked && question === undefined) throw questionWanted(reduction);
  const { regions } = sites;
  // Of several views the unreduced model has rows between the patches' too.
  const whole = !reduces(reduction) && regions.length > 1;
  const patches = insideSites(regions[0]!).length;
  const closing = regions.length > 1 ? 0 : unreduced.tokens - patches - leadingTokens;
  const fixed = closing + (reducer.keepsClassToken === true ? 0 : leadingTokens);
  const plan = whole ? unreduced.plan : planSites(reducer, sites, signals, fixed);
  const rows = whole ? unreduced.tokens : planRows(plan) + fixed;
  return inspectTokens(
    { width, height, data: new Uint8Array(0) },
    {
      plan,
      sites,
      signals,
      ...(asked && question !== undefined && { question }),
      statistics: {
        method: reducer.method,
        options: reducer.options,
        visualTokens: rows,
        unreducedTokens: unreduced.tokens,
        keyValueBytes: rows * keyValueBytesPerToken,
        unreducedKeyValueBytes: unreduced.tokens * keyValueBytesPerToken,
      },
    },
    name,
  );
}
