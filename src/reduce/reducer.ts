import type { Budget } from "./budget.js";
import type { GraphReduction } from "./graph-program.js";
import type { Need } from "./need.js";
import type { MergePlan } from "./plan.js";
import type { Signals } from "./signals.js";

/** How many rows a plan may have: `count` exactly, or at most, where 0 means no cap. */
export interface RowRoom {
  readonly exact: boolean;
  readonly count: number;
}

/** A method with its budget and options: a pure function from signals to a plan. */
export interface Reducer {
  /** Name in the registry, e.g. `prumerge+`. */
  readonly method: string;
  readonly budget: Budget;
  /** Options with defaults filled in, the budget's spelling among them, for records and reports. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Rows that a plan can have beyond one per patch, as a global token's; default 0. */
  readonly extraRows?: number;
  /**
   * What a row's key adds to the language model's attention, where its decoder takes that: with `size` the logarithm of the
   * number of patches that the row stands for, as so many equal rows would have. Left out: nothing.
   */
  readonly rowBias?: "size";
  /**
   * The same without {@link rowBias}, where nobody asked for that: what is seen by models whose decoder takes none, and said in their
   * statistics. Left out: they refuse it.
   */
  readonly unbiased?: Reducer;
  /**
   * Whether its plans hold the class token as a row (column N) where the tower has one. A model that hands the class token on
   * whatever happens then adds none of its own. Default false.
   */
  readonly keepsClassToken?: boolean;
  /** Whether its plan is made of all frames of a video at once, see {@link acrossFrames}. Default: of each by itself. */
  readonly acrossFrames?: boolean;
  /** Whether it reads its grid as one picture, so that frames of a video are none of its business. Default false. */
  readonly perFrame?: boolean;
  /**
   * @param room what the budget leaves to the plan; left out: all of it, for pictures whose language model gets no row
   *   beside the plan's
   * @throws PrumergeError INVALID_TENSOR for signals that do not fit, INVALID_OPTION for a budget that does not
   */
  plan(signals: Signals, room?: RowRoom): MergePlan;
  /** What {@link plan} reads beside the patches; left out: keys and queries of the last layer. */
  readonly need?: Need;
  /**
   * Share of a view's pixels that the tower is to see, above 0, at most 1: the view is scaled down to it and back to the tower's size
   * before it is encoded. Left out: all of them.
   *
   * @param patches that show the picture
   */
  pixelShare?(patches: number, room: RowRoom): number;
  /** What a vision graph does to the same end at N patches; left out, or undefined, where only the planner can do it. */
  inGraph?(patches: number, room: RowRoom): GraphReduction | undefined;
}
