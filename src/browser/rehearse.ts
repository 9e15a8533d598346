import type { ModelSpec } from "../models/spec.js";
import type { Engine } from "../runtime/engine.js";

/**
 * Runs every graph once, on an empty picture: drivers of graphics processors refuse what they cannot do when it is run,
 * not when it is loaded; and the first run, which compiles, is over then.
 */
export async function rehearse(engine: Engine, { vision }: ModelSpec): Promise<void> {
  const side = vision.imageSize;
  const empty = { data: new Float32Array(3 * side ** 2), height: side, width: side };
  const { features } = await engine.see(empty, "identity");
  const cache = await engine.createCache();
  await engine.forward(cache, features);
  await engine.forward(cache, [0]);
  await engine.truncateCache(cache, 1);
  await engine.forward(cache, [0]);
  await engine.releaseCache(cache);
}
