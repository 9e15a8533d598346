import { runFamily } from "../families/run-registry.js";
import { type ModelSpec, smallestSide } from "../models/spec.js";
import type { Engine } from "../runtime/engine.js";
import { towerInput } from "../see/tower-input.js";

/**
 * Runs every graph once, on an empty picture: drivers of graphics processors refuse what they cannot do when it is run,
 * not when it is loaded; and the first run, which compiles, is over then.
 */
export async function rehearse(engine: Engine, spec: ModelSpec): Promise<void> {
  const side = smallestSide(spec.vision);
  const rectangle = { x: 0, y: 0, width: side, height: side };
  const view = { data: new Float32Array(3 * side ** 2), height: side, width: side, rectangle, frame: 0 };
  const empty = towerInput(runFamily(spec), view, spec);
  const { features } = await engine.see(empty, "identity");
  const cache = await engine.createCache();
  await engine.forward(cache, features);
  await engine.forward(cache, [0]);
  await engine.truncateCache(cache, 1);
  await engine.forward(cache, [0]);
  await engine.releaseCache(cache);
}
