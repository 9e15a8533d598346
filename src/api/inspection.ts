import type { GridPart, Rectangle } from "./region.js";

/** Where each visual token of a picture comes from; also what `prumerge inspect -o FILE.json` writes. */
export interface Inspection {
  readonly format: "prumerge-inspection";
  readonly version: 1;
  /** Sizes in pixels. */
  readonly picture: { readonly name?: string; readonly width: number; readonly height: number };
  /** Rectangle of the picture that the first grid covers. */
  readonly view: Rectangle;
  /** Of the first view. */
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Every view, where there are several. */
  readonly views?: readonly InspectedView[];
  readonly method: string;
  /** What was asked, where the method read it. */
  readonly question?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly statistics: InspectionStatistics;
  readonly tokens: readonly InspectedToken[];
  /** Whether the tower has a class token, whose attention `classAttention` then is. */
  readonly classToken?: boolean;
  /** Per patch: the class token's attention to it, or the mean attention that it receives where the tower has none. */
  readonly classAttention?: readonly number[];
  /** Of several views the attention over the fence of the patch's view; fence and attentions are then of these. */
  readonly levels?: readonly number[];
  /** The fence above which attention is an outlier's. */
  readonly outliers?: {
    readonly firstQuartile: number;
    readonly thirdQuartile: number;
    readonly fence: number;
    /** How many there are. */
    readonly outliers: number;
  };
  /** How many patches have an attention between two values. */
  readonly histogram?: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  /** How the tower and the plan go together. */
  readonly signs?: {
    /** Share of the class token's attention that goes to itself. */
    readonly classShare?: number;
    /** Patches of over four times the median norm, of all and of those that are kept. */
    readonly highNorm: { readonly patches: number; readonly kept: number };
    /** By how much a row differs from the patch that it stands on, relative to the patch's norm: the median. */
    readonly mergingAdds?: number;
  };
}

/** Counts, time and bytes of a picture. */
export interface InspectionStatistics {
  readonly visualTokens: number;
  readonly unreducedTokens: number;
  readonly encodeMilliseconds?: number;
  readonly keyValueBytes?: number;
  readonly unreducedKeyValueBytes?: number;
}

/** One view of a picture in tiles. */
export interface InspectedView {
  readonly rows: number;
  readonly columns: number;
  readonly rectangle: Rectangle;
  readonly inside?: GridPart;
  /** Visual tokens that stand on its patches. */
  readonly tokens: number;
}

/** One visual token. */
export interface InspectedToken {
  readonly kind: "outlier" | "sample" | "kept" | "global" | "class";
  /** Its own; none of a global token. */
  readonly patch?: number;
  /** Where there are several. */
  readonly view?: number;
  readonly row?: number;
  readonly column?: number;
  readonly rectangle?: Rectangle;
  readonly attention?: number;
  /** Patches summed into it, its own included. */
  readonly sources: readonly number[];
  /** Of each of these. */
  readonly weights: readonly number[];
}
