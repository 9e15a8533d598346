import type { Engine } from "../runtime/engine.js";
import type { SeeingEngine } from "../see/see-region.js";

/** The engine with runs that the signal takes back while they wait for their turn. */
export function takenBackBy(engine: Engine, signal: AbortSignal | undefined): SeeingEngine {
  return {
    vision: engine.vision,
    ...(engine.cacheForm && { cacheForm: engine.cacheForm }),
    see: (view, reduction, want) => engine.see(view, reduction, want, signal),
    project: (tokens) => engine.project(tokens, signal),
  };
}
