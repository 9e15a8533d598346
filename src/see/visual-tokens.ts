import type { Budget } from "../reduce/budget.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Signals } from "../reduce/signals.js";
import type { Sites } from "../reduce/sites.js";
import type { Matrix } from "../tensor/matrix.js";
import type { FrameSampling } from "../video/sampling.js";
import type { VideoFrames } from "../video/video.js";
import type { OtherPositions, RowPlace } from "./row-place.js";
import type { PartedRows } from "./row-runs.js";

/**
 * What a language model gets of one picture. It serves any number of questions, but where its reducer read one: then it is what
 * that question wants of the picture ({@link question}).
 */
export interface VisualTokens {
  /** [R, D], float32: one row per visual token, in the language model's width. */
  readonly embeddings: Matrix;
  /** How the picture's patches became these rows; where the vision graph's reduction is baked in, only their number. */
  readonly plan: MergePlan;
  /** Where the plan's patches lie: one region for each view of the picture that the tower was given. */
  readonly sites: Sites;
  /** Per row of the embeddings the plan's row, or -1 for a separator, which is made of no patch. */
  readonly origin: Int32Array;
  /**
   * The rows parted by their regions, with the texts that a prompt has around them: SmolVLM's markers of tiles, which are no
   * visual tokens. Absent: the rows are one run.
   */
  readonly parted?: PartedRows;
  /**
   * Where the rows stand in the language model, the texts of {@link parted} not counted. Absent: one position after another,
   * like text.
   */
  readonly place?: RowPlace;
  /** [R], what each row's key adds to attention; left out where that is nothing. */
  readonly bias?: Float32Array;
  /** What was asked, where the reducer read it: for another question the picture is seen anew. */
  readonly question?: string;
  /** Which frames of a video were seen; left out of a picture. Each is a view, and a region of {@link sites}. */
  readonly video?: WatchedVideo;
  readonly statistics: VisualTokenStatistics;
  /** What the reducer read, of each region, undefined for one that was not encoded; only where `signals` was asked for. */
  readonly signals?: readonly (Signals | undefined)[];
}

/** What was taken of a video. */
export interface WatchedVideo extends Omit<VideoFrames, "frames"> {
  readonly sampling: FrameSampling;
}

/** Counts of one view of a picture. */
export interface ViewCounts {
  /** That show the picture. */
  readonly patches: number;
  /** Rows made of them that the language model gets, a class token's included; 0 for a view that was not encoded. */
  readonly visualTokens: number;
}

/** Counts and times of one picture. */
export interface VisualTokenStatistics {
  /** The reducer's; `baked` where the vision graph has its own built in and does not tell which. */
  readonly method: string;
  /** What was asked for; {@link visualTokens} is what came of it. */
  readonly budget: Budget;
  /** The method's options, defaults filled in, the budget's spelling among them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the rows stand, if not one after another with the text right behind them. */
  readonly positions?: OtherPositions;
  /** Visual tokens without reduction, class token and separators included where the model uses them. */
  readonly unreducedTokens: number;
  /** R: visual tokens that the language model gets, global token included. */
  readonly visualTokens: number;
  /** Of each view in its order; left out where the vision graph's reduction does not tell. Separators are no view's. */
  readonly views?: readonly ViewCounts[];
  /** Whether the vision graph reduced by itself, or the planner and the projector did. */
  readonly inGraph: boolean;
  /** From pixel values to visual tokens: the runs and the planner, without {@link waitMilliseconds}. */
  readonly encodeMilliseconds: number;
  /** What waiting came on top: for turns behind other runs of the model, for its sessions to open, for this thread. */
  readonly waitMilliseconds?: number;
  /** Exact bytes that the visual tokens take in the key/value cache, and would take unreduced. */
  readonly keyValueBytes: number;
  readonly unreducedKeyValueBytes: number;
}
