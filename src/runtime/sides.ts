import type { PlainError } from "../plain-error.js";
import type { CacheId, Engine, ForwardRun, RowPlaces } from "./engine.js";
import type { CallsOf, Half } from "./engine-calls.js";

/** A half of an engine: its methods, and sessions that are opened when first needed, or by `warm`. */
export type Side<Name extends Half> = Pick<Engine, CallsOf<Name>> & {
  /** Opens the sessions that every use needs. */
  warm(): Promise<void>;
  dispose(): Promise<void>;
};

/** The sessions of the vision tower and the projector. */
export interface VisionSide extends Side<"vision"> {}

/** One more token of a sequence. */
export interface StepCall {
  readonly cache: CacheId;
  readonly id: number;
  readonly places: RowPlaces;
}

/** What became of it; failures are plain data, since they are some among others that did not fail. */
export type StepOutcome = { readonly run: ForwardRun } | { readonly error: PlainError };

/** The sessions of the language model, with its caches. */
export interface LanguageSide extends Side<"language"> {
  /**
   * Steps of different caches, which share a run where the half was opened for that. Each has its outcome, in their order; the
   * time of a run is shared by those that shared it.
   *
   * @param lane of several that run by turns, each of them at its own memory; default 0
   */
  step?(steps: readonly StepCall[], lane?: number): Promise<readonly StepOutcome[]>;
}
