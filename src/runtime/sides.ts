import type { Engine } from "./engine.js";

/** What the two halves of an engine have in common: sessions that are opened when first needed, or by `warm`. */
export interface Side {
  /** Opens the sessions that every use needs. */
  warm(): Promise<void>;
  dispose(): Promise<void>;
}

/** The sessions of the vision tower and the projector. */
export interface VisionSide extends Side, Pick<Engine, "see" | "project"> {}

/** The sessions of the language model, with its caches. */
export interface LanguageSide
  extends Side,
    Pick<
      Engine,
      | "embed"
      | "createCache"
      | "forkCache"
      | "truncateCache"
      | "releaseCache"
      | "cacheLength"
      | "cacheMemory"
      | "takesPositions"
      | "forward"
    > {}
