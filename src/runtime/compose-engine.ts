import type { Engine } from "./engine.js";
import { Queue } from "./queue.js";
import type { LanguageSide, VisionSide } from "./sides.js";

/**
 * One engine of two halves, wherever each of them runs. Runs of both take turns, since each uses all threads, and a
 * cache must not change under a run; loading does not wait for a turn.
 */
export function composeEngine(
  vision: VisionSide,
  language: LanguageSide,
  reduction: Pick<Engine, "inGraphReduction" | "bakedTokens">,
): Engine {
  const queue = new Queue();
  return {
    ...reduction,
    see: (pixels, settings, want) => queue.add(() => vision.see(pixels, settings, want)),
    project: (tokens) => queue.add(() => vision.project(tokens)),
    embed: (ids) => queue.add(() => language.embed(ids)),
    createCache: () => queue.add(() => language.createCache()),
    forkCache: (cache) => queue.add(() => language.forkCache(cache)),
    truncateCache: (cache, length) => queue.add(() => language.truncateCache(cache, length)),
    releaseCache: (cache) => queue.add(() => language.releaseCache(cache)),
    cacheLength: (cache) => queue.add(() => language.cacheLength(cache)),
    cacheMemory: (cache) => queue.add(() => language.cacheMemory(cache)),
    forward: (cache, rows) => queue.add(() => language.forward(cache, rows)),
    dispose: () =>
      queue.add(async () => {
        await Promise.all([vision.dispose(), language.dispose()]);
      }),
  };
}
