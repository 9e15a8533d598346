import type { Engine } from "./engine.js";
import type { CallsOf, Half } from "./engine-calls.js";

/** A half of an engine: its methods, and sessions that are opened when first needed, or by `warm`. */
export type Side<Name extends Half> = Pick<Engine, CallsOf<Name>> & {
  /** Opens the sessions that every use needs. */
  warm(): Promise<void>;
  dispose(): Promise<void>;
};

/** The sessions of the vision tower and the projector. */
export interface VisionSide extends Side<"vision"> {}

/** The sessions of the language model, with its caches. */
export interface LanguageSide extends Side<"language"> {}
