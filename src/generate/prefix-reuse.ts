import type { CacheId, Engine } from "../runtime/engine.js";
import { pictureOf, sameUnit } from "./fit-positions.js";
import { countTokens, type PromptUnit, unitTokens } from "./prompt.js";
import { PromptHeads } from "./prompt-heads.js";

/** A key/value cache in use, and how much of the prompt it holds already. */
export interface PrefixLease {
  readonly cache: CacheId;
  /** Units of the prompt that need no work. */
  readonly reusedUnits: number;
  /** The same, counted in tokens. */
  readonly reusedTokens: number;
  /** What copying keys and values took. */
  readonly milliseconds: number;
}

export interface PrefixOptions {
  readonly bytesPerToken: number;
  /**
   * Caches not in use are kept up to this many bytes, heads of prompts included, which get a quarter of them at most; the latest
   * one is always kept. Default 512 MiB.
   */
  readonly keepBytes?: number;
  /** Likewise their number. Default 4. */
  readonly keepCaches?: number;
}

interface Entry {
  cache: CacheId;
  /** What the cache certainly begins with. */
  units: readonly PromptUnit[];
  /** The whole prompt that it is used for; the same where nobody uses it. */
  prompt: readonly PromptUnit[];
  busy: boolean;
  /** Not to be kept when it is handed back. */
  forgotten?: boolean;
  /** Of a prompt that shares nothing: no other starts from it, and it is not kept. */
  readonly alone: boolean;
  /** Whether it may begin with a copy of another prompt's head, and its own head is worth keeping. */
  readonly sharesHead: boolean;
}

/**
 * Key/value caches of earlier prompts of one model. A new prompt starts from the cache that shares the longest beginning
 * with it, so that the next question about a picture, or the next turn of a chat, computes only what is new. From one
 * that is in use it starts with a copy, so that several may ask about one picture at the same time. A prompt that shares
 * no picture starts with a copy of its head where that was computed before.
 */
export class PrefixPool {
  readonly #engine: Engine;
  readonly #options: Required<PrefixOptions>;
  readonly #heads: PromptHeads;
  /** Least recently used first. */
  #entries: Entry[] = [];

  constructor(engine: Engine, options: PrefixOptions) {
    this.#engine = engine;
    this.#options = { keepBytes: 512 * 2 ** 20, keepCaches: 4, ...options };
    const { bytesPerToken, keepBytes } = this.#options;
    this.#heads = new PromptHeads(engine, { bytesPerToken, keepBytes: keepBytes / 4 });
  }

  /**
   * Takes a cache for a prompt; hand it back with {@link release}. At least the prompt's last unit is left to compute.
   *
   * @param reuse start from an earlier prompt's cache, and keep this one for later prompts; false does neither
   * @param exactly reuse this many units or none; default: as many as possible
   */
  async acquire(units: readonly PromptUnit[], reuse: boolean, exactly?: number): Promise<PrefixLease> {
    const found = reuse ? this.#longestPrefix(units, exactly) : undefined;
    // How much is shared moves the last bits: where equal ones are promised it is the pictures or nothing.
    const sharesHead = reuse && exactly === undefined;
    if (found === undefined || (sharesHead && this.#heads.shared(units) >= found.tokens))
      return this.#begin(units, reuse, sharesHead);
    const { shared } = found;
    const started = performance.now();
    const entry = found.entry.busy ? await this.#copy(found.entry) : found.entry;
    const milliseconds = performance.now() - started;
    entry.busy = true;
    entry.units = units.slice(0, shared);
    entry.prompt = units;
    const reusedTokens = countTokens(entry.units);
    await this.#engine.truncateCache(entry.cache, reusedTokens);
    return { cache: entry.cache, reusedUnits: shared, reusedTokens, milliseconds };
  }

  /** Tells that a cache in use begins with these units now, for others to start from. */
  filled(lease: PrefixLease, units: readonly PromptUnit[]): void {
    const entry = this.#entries.find(({ cache }) => cache === lease.cache);
    if (entry === undefined) return;
    entry.units = units;
    // An engine that cannot copy it fails the answer as well.
    if (entry.sharesHead) this.#heads.keep(entry.cache, units).catch(() => undefined);
  }

  /** What is held, caches in use included. */
  get memory(): { readonly prompts: number; readonly bytes: number } {
    const bytes = this.#entries.reduce((sum, entry) => sum + this.#bytesOf(entry), 0);
    return { prompts: this.#entries.length + this.#heads.count, bytes: bytes + this.#heads.bytes };
  }

  /** Drops the caches of prompts that hold a picture, any of its steps; those in use when they are handed back. */
  async forget(steps: readonly PromptUnit[]): Promise<void> {
    const about = this.#entries.filter(({ prompt }) =>
      prompt.some((unit) => steps.includes(pictureOf(unit))),
    );
    for (const entry of about) if (entry.busy) entry.forgotten = true;
    await this.#drop(about.filter(({ busy }) => !busy));
  }

  /**
   * Gives a cache the capacity that it would have if it were reused, on which the last bits of what follows depend: one
   * that was just filled has no room yet.
   */
  async settle(lease: PrefixLease): Promise<PrefixLease> {
    const entry = this.#entries.find(({ cache }) => cache === lease.cache)!;
    const started = performance.now();
    entry.cache = await this.#engine.forkCache(lease.cache);
    const milliseconds = performance.now() - started;
    await this.#engine.releaseCache(lease.cache);
    return { ...lease, cache: entry.cache, milliseconds };
  }

  /** @param units what the cache holds now, or undefined where a failure left that unknown; kept if that is anything */
  async release({ cache }: PrefixLease, units: readonly PromptUnit[] | undefined): Promise<void> {
    const entry = this.#entries.find((candidate) => candidate.cache === cache);
    if (entry === undefined) return;
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    if (units === undefined || units.length === 0 || entry.forgotten || entry.alone)
      return this.#engine.releaseCache(cache).catch(() => undefined);
    this.#entries.push({ ...entry, units, prompt: units, busy: false });
    await this.#evict();
  }

  async #begin(units: readonly PromptUnit[], reuse: boolean, sharesHead: boolean): Promise<PrefixLease> {
    const started = performance.now();
    const head = sharesHead ? await this.#heads.start(units) : undefined;
    const milliseconds = head === undefined ? 0 : performance.now() - started;
    const cache = head?.cache ?? (await this.#engine.createCache());
    const tokens = head?.tokens ?? 0;
    const held = units.slice(0, tokens);
    this.#entries.push({ cache, units: held, prompt: units, busy: true, alone: !reuse, sharesHead });
    return { cache, reusedUnits: tokens, reusedTokens: tokens, milliseconds };
  }

  #longestPrefix(
    units: readonly PromptUnit[],
    exactly: number | undefined,
  ): { entry: Entry; shared: number; tokens: number } | undefined {
    let best: { entry: Entry; shared: number; tokens: number } | undefined;
    for (const entry of this.#entries) {
      if (entry.alone) continue;
      // An exact share promises equal bits, which depend on the capacity of the cache: a copy has another one.
      if (entry.busy && exactly !== undefined) continue;
      const most = Math.min(sharedUnits(entry.units, units), units.length - 1);
      if (exactly !== undefined && most < exactly) continue;
      const shared = exactly ?? most;
      // The words before the first picture are in every prompt: not worth taking another picture's cache for.
      const whole = shared === entry.units.length;
      if (shared === 0 || (!whole && !units.slice(0, shared).some((unit) => typeof unit !== "number")))
        continue;
      const tokens = countTokens(units.slice(0, shared));
      const better =
        best === undefined ||
        tokens > best.tokens ||
        (tokens === best.tokens && (best.entry.busy || !entry.busy));
      if (better) best = { entry, shared, tokens };
    }
    return best;
  }

  /** Asked of the engine before anybody can cut or release the original. */
  async #copy({ cache, units, prompt }: Entry): Promise<Entry> {
    const fork = await this.#engine.forkCache(cache);
    const copy: Entry = { cache: fork, units, prompt, busy: true, alone: false, sharesHead: true };
    this.#entries.push(copy);
    return copy;
  }

  async #evict(): Promise<void> {
    const { keepCaches } = this.#options;
    const keepBytes = this.#options.keepBytes - this.#heads.bytes;
    const free = this.#entries.filter((entry) => !entry.busy);
    let bytes = 0;
    let kept = 0;
    await this.#drop(
      free.reverse().filter((entry) => {
        bytes += this.#bytesOf(entry);
        kept++;
        return kept > 1 && (kept > keepCaches || bytes > keepBytes);
      }),
    );
  }

  /** Taken off the list before anything is waited for: another answer must not find them any more. */
  async #drop(entries: readonly Entry[]): Promise<void> {
    this.#entries = this.#entries.filter((entry) => !entries.includes(entry));
    await Promise.all(entries.map(({ cache }) => this.#engine.releaseCache(cache)));
  }

  #bytesOf({ units }: Entry): number {
    return units.reduce((sum: number, unit) => sum + unitTokens(unit), 0) * this.#options.bytesPerToken;
  }
}

function sharedUnits(a: readonly PromptUnit[], b: readonly PromptUnit[]): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && sameUnit(a[shared]!, b[shared]!)) shared++;
  return shared;
}
