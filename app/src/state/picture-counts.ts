import type { Inspection } from "prumerge/drawing";
import { insideSites } from "prumerge/reduce";
import type { ModelInfo } from "../backend/model-backend.js";

/** What budgets of a picture are counted against. */
export interface PictureCounts {
  /** Visual tokens without reduction. */
  readonly unreducedTokens: number;
  /** What a share is of: patches that show the picture, in all of its views. */
  readonly patches: number;
  /** Rows that every reduction leaves as they are. */
  readonly leadingTokens: number;
}

/** What counts are taken of: a picture, or all frames of a video. */
export type Whole = Pick<Inspection, "regions" | "statistics">;

/** Of the picture that is drawn, else of every picture of the model; undefined where each has a number of its own. */
export function countsOf(
  { unreducedTokens, leadingTokens }: Pick<ModelInfo, "unreducedTokens" | "leadingTokens">,
  inspection?: Whole,
): PictureCounts | undefined {
  if (inspection !== undefined) {
    const patches = inspection.regions.reduce((sum, region) => sum + insideSites(region).length, 0);
    return { unreducedTokens: inspection.statistics.unreducedTokens, patches, leadingTokens };
  }
  if (unreducedTokens === undefined) return undefined;
  return { unreducedTokens, patches: unreducedTokens - leadingTokens, leadingTokens };
}
