import type { CacheId, Engine } from "../runtime/engine.js";
import type { PromptUnit } from "./prompt.js";

export interface HeadOptions {
  readonly bytesPerToken: number;
  /** Bytes of all kept heads together. */
  readonly keepBytes: number;
}

/** The words before a prompt's first picture, and a cache that holds them alone. */
interface Head {
  readonly ids: readonly number[];
  readonly cache: CacheId;
}

/** For fewer tokens a copy is not worth the trouble: they are computed with the rest in the time that it takes. */
const leastTokens = 8;

/** A server sees few system prompts; words in front of a picture that nobody says twice push out each other. */
const mostHeads = 4;

/**
 * Keys and values of what prompts begin with before their first picture: the system prompt and the template's head, which are
 * the same for every picture. Computed by the first prompt that has them, copied for those after it. A word's position
 * follows from the words before it alone, so that equal words stand at equal places.
 */
export class PromptHeads {
  /** Least recently used first. */
  #kept: Head[] = [];
  /** Heads that are being copied out of a prompt's cache. */
  readonly #coming = new Set<string>();

  constructor(
    private readonly engine: Engine,
    private readonly options: HeadOptions,
  ) {}

  get count(): number {
    return this.#kept.length;
  }

  get bytes(): number {
    return this.#kept.reduce((sum, { ids }) => sum + this.#bytesOf(ids), 0);
  }

  /** How many tokens {@link start} would give. */
  shared(units: readonly PromptUnit[]): number {
    return this.#longest(units.slice(0, -1))?.tokens ?? 0;
  }

  /** A cache that holds what a prompt shares with a kept head, of which its last unit is no part. */
  async start(
    units: readonly PromptUnit[],
  ): Promise<{ readonly cache: CacheId; readonly tokens: number } | undefined> {
    const found = this.#longest(units.slice(0, -1));
    if (found === undefined) return undefined;
    const { head, tokens } = found;
    this.#kept = [...this.#kept.filter((one) => one !== head), head];
    return { cache: await this.engine.forkCache(head.cache, tokens), tokens };
  }

  /** Keeps the head of a prompt that a cache holds, where it has enough that no kept one has. */
  async keep(cache: CacheId, units: readonly PromptUnit[]): Promise<void> {
    const ids = headOf(units);
    const key = ids.join();
    const beyond = ids.length - (this.#longest(ids)?.tokens ?? 0);
    if (beyond < leastTokens || this.#bytesOf(ids) > this.options.keepBytes || this.#coming.has(key)) return;
    this.#coming.add(key);
    try {
      // Asked for before the prompt's cache can be cut or released.
      const own = await this.engine.forkCache(cache, ids.length);
      this.#kept.push({ ids, cache: own });
    } finally {
      this.#coming.delete(key);
    }
    while (this.#kept.length > mostHeads || this.bytes > this.options.keepBytes) {
      await this.engine.releaseCache(this.#kept.shift()!.cache);
    }
  }

  #longest(units: readonly PromptUnit[]): { readonly head: Head; readonly tokens: number } | undefined {
    let best: { head: Head; tokens: number } | undefined;
    for (const head of this.#kept) {
      const differing = head.ids.findIndex((id, at) => id !== units[at]);
      const tokens = differing < 0 ? head.ids.length : differing;
      if (tokens >= Math.max(leastTokens, best?.tokens ?? 0)) best = { head, tokens };
    }
    return best;
  }

  #bytesOf(ids: readonly number[]): number {
    return ids.length * this.options.bytesPerToken;
  }
}

/** The ids before the first picture; none where there is no picture. */
function headOf(units: readonly PromptUnit[]): readonly number[] {
  const picture = units.findIndex((unit) => typeof unit !== "number");
  return units.slice(0, Math.max(picture, 0)) as readonly number[];
}
