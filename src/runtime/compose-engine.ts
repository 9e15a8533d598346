import type { Engine } from "./engine.js";
import { Queue } from "./queue.js";
import type { LanguageSide, VisionSide } from "./sides.js";

/**
 * One engine of two halves, wherever each of them runs. Runs of both take turns, since each uses all threads: answers
 * under way at the same time advance by one step each. What is done to a cache beside runs takes no time and waits for
 * no turn, and neither does loading; nobody changes a cache under its own run.
 */
export function composeEngine(vision: VisionSide, language: LanguageSide, ability: Engine["vision"]): Engine {
  const queue = new Queue();
  return {
    vision: ability,
    see: (view, reduction, want, signal) => queue.add(() => vision.see(view, reduction, want), signal),
    project: (tokens, signal) => queue.add(() => vision.project(tokens), signal),
    embed: (ids, signal) => queue.add(() => language.embed(ids), signal),
    createCache: () => language.createCache(),
    forkCache: (cache) => language.forkCache(cache),
    truncateCache: (cache, length) => language.truncateCache(cache, length),
    releaseCache: (cache) => language.releaseCache(cache),
    cacheLength: (cache) => language.cacheLength(cache),
    cacheMemory: (cache) => language.cacheMemory(cache),
    takesPositions: () => language.takesPositions(),
    forward: (cache, rows, places, signal) => queue.add(() => language.forward(cache, rows, places), signal),
    dispose: () =>
      queue.add(async () => {
        await Promise.all([vision.dispose(), language.dispose()]);
      }),
  };
}
