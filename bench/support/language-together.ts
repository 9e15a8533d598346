import { loadDecoder, loadEngine } from "../../dist/runtime/index.js";
import { findGraphs } from "../../dist/runtime/model-folder.js";
import type { ModelSpec } from "../../src/models/spec.js";
import type { CacheId, Engine } from "../../src/runtime/engine.js";
import type { BenchResult } from "../result.js";

const counts = [1, 2, 4, 8] as const;
const context = 100;
const steps = 20;
const rounds = 5;

/** Tokens a second of so many answers whose steps are one run, at 100 tokens of context each, in turns; beside one alone. */
export async function together(
  folder: string,
  spec: ModelSpec,
  about: string,
  dtype: "q4" | "int8",
): Promise<BenchResult[]> {
  const files = await findGraphs(folder, dtype);
  const pool = { most: Math.max(...counts), bytes: 2 ** 31 };
  const decoder = await loadDecoder(files, spec, { pool });
  const engine: Engine = await loadEngine(files, { threads: 2, decoder });
  const times = new Map<number, number[]>();
  try {
    const caches: CacheId[] = [];
    for (let at = 0; at < Math.max(...counts); at++) {
      const cache = await engine.createCache();
      const ids = Array.from({ length: context }, (_, row) => 5 + ((at * 31 + row) % 1000));
      await engine.forward(cache, ids);
      caches.push(cache);
    }
    for (let round = -1; round < rounds; round++) {
      for (const count of counts) {
        const started = performance.now();
        // Each answer asks for its next token when it has one: those of the first step part, and meet at the second.
        const answers = caches.slice(0, count).map(async (cache) => {
          for (let step = 0; step < steps; step++) await engine.forward(cache, [step + 5]);
        });
        await Promise.all(answers);
        // The first round moves caches to their places.
        const each = (performance.now() - started) / steps;
        if (round >= 0) times.set(count, [...(times.get(count) ?? []), each]);
        for (const cache of caches) await engine.truncateCache(cache, context);
      }
    }
  } finally {
    await engine.dispose();
  }
  const median = (count: number) =>
    [...times.get(count)!].sort((a, b) => a - b)[times.get(count)!.length >> 1]!;
  return counts.flatMap((count): BenchResult[] => [
    {
      name: `7b step of ${count} together`,
      median: median(count),
      unit: "ms",
      notes: `${about}; at ${context} of context each, median of ${times.get(count)!.length} rounds of ${steps} steps`,
    },
    {
      name: `7b tokens a second of ${count}`,
      median: (1000 * count) / median(count),
      unit: "/s",
      notes: `${about}; at ${context} of context each`,
    },
    {
      name: `7b tokens a second of ${count} over 1`,
      median: (count * median(1)) / median(count),
      unit: "ratio",
      notes: count === 8 ? "target at least 3" : "",
    },
  ]);
}
