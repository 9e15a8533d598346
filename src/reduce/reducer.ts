import type { MergePlan } from "./plan.js";
import type { Signals } from "./signals.js";

/** The settings that a vision graph takes as inputs, for methods that it computes itself. */
export interface GraphSettings {
  /** True: `count` rows exactly. False: the adaptive rule, capped at `count` rows, 0 for no cap. */
  readonly exact: boolean;
  /** Rows that the language model gets, global token included. */
  readonly count: number;
  readonly iqrFactor: number;
  readonly neighbours: number;
  readonly spatial: boolean;
  readonly globalToken: boolean;
  readonly rasterOrder: boolean;
}

/** A method with its options: a pure function from signals to a plan. */
export interface Reducer {
  /** Name in the registry, e.g. `prumerge+`. */
  readonly method: string;
  /** Options with defaults filled in, for records and reports. */
  readonly options: Readonly<Record<string, unknown>>;
  plan(signals: Signals): MergePlan;
  /** Settings for the in-graph form at N patches, or undefined where only the planner can do it. */
  graphSettings(patches: number): GraphSettings | undefined;
}
