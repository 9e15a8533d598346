import { describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/toy-engine.js";
import { toyPicture } from "../../test/support/toy-prompts.js";
import { PrefixPool } from "./prefix-reuse.js";
import { type PromptUnit, promptRows } from "./prompt.js";

const bytesPerToken = 8;

/** Runs a prompt through the pool as an answer does; tells how much of it was reused. */
async function run(pool: PrefixPool, engine: ToyEngine, units: readonly PromptUnit[], reuse = true) {
  const lease = await pool.acquire(units, reuse);
  const rows = await promptRows(engine, units.slice(lease.reusedUnits));
  await engine.forward(lease.cache, rows);
  const held = [...engine.caches.get(lease.cache)!];
  await pool.release(lease, units);
  return { reused: lease.reusedTokens, held };
}

const fed = (units: readonly PromptUnit[]) =>
  units.flatMap((unit) => (typeof unit === "number" ? [unit] : [...unit.embeddings.data]));

describe("PrefixPool", () => {
  it("computes only what follows the shared beginning, and the cache then holds exactly the prompt", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const picture = toyPicture(5, 0.5);
    const first = [1, 2, picture, 3, 4];
    const second = [1, 2, picture, 3, 7, 8];
    expect(await run(pool, engine, first)).toEqual({ reused: 0, held: fed(first) });
    expect(await run(pool, engine, second)).toEqual({ reused: 8, held: fed(second) });
    expect(engine.runs.at(-1)).toEqual([7, 8]);
  });

  it("always leaves the last unit to compute", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(4, 0.5), 3];
    await run(pool, engine, units);
    expect((await run(pool, engine, units)).reused).toBe(5);
    expect(engine.runs.at(-1)).toEqual([3]);
    const ending = [1, toyPicture(4, 0.25), toyPicture(2, 0.75)];
    await run(pool, engine, ending);
    expect(await run(pool, engine, ending)).toEqual({ reused: 5, held: fed(ending) });
  });

  it("tells pictures apart by what they are, not by their length", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    await run(pool, engine, [1, toyPicture(5, 0.5), 3]);
    const other = [1, toyPicture(5, 0.25), 3];
    expect(await run(pool, engine, other)).toEqual({ reused: 0, held: fed(other) });
  });

  it("does not take one picture's cache for the words before another", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const [cat, dog] = [toyPicture(5, 0.5), toyPicture(5, 0.25)];
    await run(pool, engine, [1, 2, cat, 3]);
    await run(pool, engine, [1, 2, dog, 3]);
    expect((await run(pool, engine, [1, 2, cat, 4])).reused).toBe(7);
    expect((await run(pool, engine, [1, 2, dog, 4])).reused).toBe(7);
  });

  it("goes on from a whole earlier conversation without a picture", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    await run(pool, engine, [1, 2, 3]);
    expect((await run(pool, engine, [1, 2, 3, 4, 5])).reused).toBe(3);
    expect((await run(pool, engine, [1, 9, 9])).reused).toBe(0);
  });

  it("keeps nothing of a prompt that shares nothing, and starts no other from it", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2, 3];
    const lease = await pool.acquire(units, false);
    pool.filled(lease, units);
    const meanwhile = await pool.acquire(units, true);
    expect(meanwhile.reusedTokens).toBe(0);
    expect(pool.memory.prompts).toBe(2); // those in use count
    await pool.release(lease, units);
    await pool.release(meanwhile, undefined);
    expect([pool.memory.prompts, engine.caches.size]).toEqual([0, 0]);
    expect((await run(pool, engine, units)).reused).toBe(0);
    expect((await run(pool, engine, units, false)).reused).toBe(0);
    expect((await run(pool, engine, units)).reused).toBe(5);
  });

  it("never hands out a cache that is in use", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2, 3];
    await run(pool, engine, units);
    const [a, b] = await Promise.all([pool.acquire(units, true), pool.acquire(units, true)]);
    expect(a.cache).not.toBe(b.cache);
    expect([a.reusedTokens, b.reusedTokens]).toEqual([5, 5]); // the second one starts with a copy
  });

  it("copies a cache in use, from what it certainly begins with", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const picture = toyPicture(3, 0.5);
    const first = await pool.acquire([1, picture, 2, 3], true);
    expect((await pool.acquire([1, picture, 4], true)).reusedTokens).toBe(0); // nothing is in it yet
    await engine.forward(first.cache, await promptRows(engine, [1, picture, 2, 3]));
    pool.filled(first, [1, picture, 2, 3]);
    await engine.forward(first.cache, [9]);
    const second = await pool.acquire([1, picture, 2, 7], true);
    expect(second.cache).not.toBe(first.cache);
    expect(second.reusedTokens).toBe(5);
    expect(engine.caches.get(second.cache)).toEqual(fed([1, picture, 2]));
    await engine.forward(second.cache, [7]);
    expect(engine.caches.get(first.cache)).toEqual([...fed([1, picture, 2, 3]), 9]);
    expect(pool.memory.prompts).toBe(3);
  });

  it("takes one that is free rather than a copy", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2];
    await run(pool, engine, units);
    const busy = await pool.acquire(units, true);
    const copy = await pool.acquire(units, true);
    await pool.release(busy, units.slice(0, 2));
    const third = await pool.acquire(units, true);
    expect(third.cache).toBe(busy.cache);
    expect(copy.reusedTokens).toBe(4);
    expect(engine.caches.size).toBe(2);
  });

  it("forgets what was asked about a picture, once it is not in use", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const [cat, dog] = [toyPicture(3, 0.5), toyPicture(3, 0.25)];
    await run(pool, engine, [1, cat, 2]);
    await run(pool, engine, [1, dog, 2]);
    const busy = await pool.acquire([1, dog, 2], true);
    expect(pool.memory).toEqual({ prompts: 2, bytes: 9 * bytesPerToken });
    await pool.forget([cat]);
    await pool.forget([dog]);
    expect([...engine.caches.keys()]).toEqual([busy.cache]);
    await pool.release(busy, [1, dog, 2]);
    expect(engine.caches.size).toBe(0);
    expect(pool.memory).toEqual({ prompts: 0, bytes: 0 });
  });

  it("forgets what is just being filled with a picture", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const [cat, dog] = [toyPicture(3, 0.5), toyPicture(3, 0.25)];
    const filling = await pool.acquire([1, cat, 2], true);
    await run(pool, engine, [1, dog, 2]);
    const going = await pool.acquire([1, dog, 2, cat, 3], true); // holds the dog alone so far
    await pool.forget([cat]);
    pool.filled(filling, [1, cat, 2]);
    await pool.release(filling, [1, cat, 2]);
    await pool.release(going, [1, dog, 2, cat, 3]);
    expect(pool.memory).toEqual({ prompts: 0, bytes: 0 });
    expect(engine.caches.size).toBe(0);
  });

  it("keeps no cache that nothing came into, which would push out others", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken, keepCaches: 1 });
    const units = [1, toyPicture(3, 0.5), 2];
    await run(pool, engine, units);
    for (let client = 0; client < 4; client++) {
      const left = await pool.acquire([1, toyPicture(3, client), 2], true);
      await pool.release(left, []);
    }
    expect([pool.memory.prompts, engine.caches.size]).toEqual([1, 1]);
    expect((await run(pool, engine, units)).reused).toBe(4);
  });

  it("frees each cache once, whoever else is freeing at the same time", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken, keepCaches: 1 });
    const pictures = [0.1, 0.2, 0.3, 0.4, 0.5].map((value) => toyPicture(3, value));
    await Promise.all(pictures.map((picture) => run(pool, engine, [1, picture, 2])));
    expect(engine.caches.size).toBe(1);
  });

  it("reuses nothing where that is not wanted", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2];
    await run(pool, engine, units);
    expect((await run(pool, engine, units, false)).reused).toBe(0);
  });

  it("frees the caches that were used longest ago, by number and by bytes, but never the latest", async () => {
    const engine = new ToyEngine(() => 1);
    const byNumber = new PrefixPool(engine, { bytesPerToken, keepCaches: 2 });
    const pictures = [0.1, 0.2, 0.3].map((value) => toyPicture(4, value));
    for (const picture of pictures) await run(byNumber, engine, [1, picture, 2]);
    expect(engine.caches.size).toBe(2);
    expect((await run(byNumber, engine, [1, pictures[0]!, 3])).reused).toBe(0);
    expect((await run(byNumber, engine, [1, pictures[2]!, 3])).reused).toBe(5);

    const other = new ToyEngine(() => 1);
    const byBytes = new PrefixPool(other, { bytesPerToken, keepBytes: 6 * bytesPerToken });
    for (const picture of pictures) await run(byBytes, other, [1, picture, 2]);
    expect(other.caches.size).toBe(1);
    await run(byBytes, other, [1, toyPicture(50, 0.4), 2]);
    expect(other.caches.size).toBe(1);
  });

  it("frees a cache whose content a failure left unknown", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const lease = await pool.acquire([1, 2], true);
    await pool.release(lease, undefined);
    expect(engine.caches.size).toBe(0);
  });

  it("starts from the longest beginning, whichever came first, and from the latest of equal ones", async () => {
    const engine = new ToyEngine(() => 1);
    const picture = toyPicture(3, 0.5);
    const prompts = [
      [1, picture, 2, 9],
      [1, picture, 2, 3, 9],
      [1, picture, 8],
    ];
    for (const order of [prompts, prompts.toReversed()]) {
      const pool = new PrefixPool(engine, { bytesPerToken });
      // Side by side, so that none starts from another's.
      const leases = await Promise.all(order.map((units) => pool.acquire(units, true)));
      for (const [at, units] of order.entries()) {
        await engine.forward(leases[at]!.cache, await promptRows(engine, units));
        await pool.release(leases[at]!, units);
      }
      expect((await pool.acquire([1, picture, 2, 3, 4], true)).reusedTokens).toBe(6);
    }
    const pool = new PrefixPool(engine, { bytesPerToken });
    const leases = await Promise.all([0, 1].map(() => pool.acquire([1, picture, 2], true)));
    for (const lease of leases) await pool.release(lease, [1, picture, 2]);
    expect((await pool.acquire([1, picture, 3], true)).cache).toBe(leases[1]!.cache);
  });

  it("keeps what a copy was filled with, as it keeps any other", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2];
    await run(pool, engine, units);
    const busy = await pool.acquire([...units, 3], true);
    const copy = await pool.acquire([...units, 4], true);
    expect(copy.cache).not.toBe(busy.cache);
    await pool.release(copy, [...units, 4]);
    await pool.release(busy, [...units, 3]);
    expect(pool.memory).toEqual({ prompts: 2, bytes: 12 * bytesPerToken });
    expect((await pool.acquire([...units, 4, 5], true)).reusedTokens).toBe(6);
  });

  describe("where exactly so many units are to be shared", () => {
    const picture = toyPicture(3, 0.5);

    it("shares these, no more and no fewer", async () => {
      const engine = new ToyEngine(() => 1);
      const pool = new PrefixPool(engine, { bytesPerToken });
      await run(pool, engine, [1, picture, 2, 3, 4]);
      const lease = await pool.acquire([1, picture, 2, 3, 9], true, 2);
      expect([lease.reusedUnits, lease.reusedTokens]).toEqual([2, 4]);
      expect(engine.caches.get(lease.cache)).toEqual(fed([1, picture]));
      await pool.release(lease, [1, picture]);
      const all = await pool.acquire([1, picture, 5], true, 2);
      expect([all.reusedUnits, all.cache]).toEqual([2, lease.cache]); // exactly what it holds
    });

    it("shares nothing where fewer are the same, or where the last unit would have to be among them", async () => {
      const engine = new ToyEngine(() => 1);
      const pool = new PrefixPool(engine, { bytesPerToken });
      await run(pool, engine, [1, picture, 2, 3]);
      expect((await pool.acquire([1, picture, 7, 3], true, 3)).reusedUnits).toBe(0);
      expect((await pool.acquire([1, picture, 2], true, 3)).reusedUnits).toBe(0);
    });

    it("takes no copy of a cache in use, whose capacity is another", async () => {
      const engine = new ToyEngine(() => 1);
      const pool = new PrefixPool(engine, { bytesPerToken });
      await run(pool, engine, [1, picture, 2]);
      const busy = await pool.acquire([1, picture, 3], true, 2);
      expect(busy.reusedUnits).toBe(2);
      expect((await pool.acquire([1, picture, 4], true, 2)).reusedUnits).toBe(0);
      expect((await pool.acquire([1, picture, 4], true)).reusedUnits).toBe(2);
    });
  });

  it("settles a cache that was just filled: a copy takes its place", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const units = [1, toyPicture(3, 0.5), 2];
    const other = await pool.acquire([7, 8], true);
    const lease = await pool.acquire(units, true);
    await engine.forward(lease.cache, await promptRows(engine, units));
    const settled = await pool.settle(lease);
    expect(settled).toMatchObject({ reusedUnits: 0, reusedTokens: 0 });
    expect([lease.cache, other.cache]).not.toContain(settled.cache);
    expect([...engine.caches.keys()]).toEqual([other.cache, settled.cache]);
    expect(engine.caches.get(settled.cache)).toEqual(fed(units));
    await pool.release(settled, units);
    expect((await pool.acquire([...units.slice(0, 2), 9], true)).cache).toBe(settled.cache);
  });

  it("tells one cache in use from another, and knows none that was handed back", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const [cat, dog] = [toyPicture(3, 0.5), toyPicture(3, 0.25)];
    const [first, second] = [await pool.acquire([1, cat, 2], true), await pool.acquire([1, dog, 2], true)];
    pool.filled(second, [1, dog, 2]);
    expect(pool.memory).toEqual({ prompts: 2, bytes: 5 * bytesPerToken });
    await pool.release(first, undefined);
    await pool.release(first, [1, cat, 2]);
    pool.filled(first, [1, cat, 2]);
    expect(pool.memory).toEqual({ prompts: 1, bytes: 5 * bytesPerToken });
  });

  it("forgets what was asked about one picture, and nothing about another", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken });
    const [cat, dog] = [toyPicture(3, 0.5), toyPicture(3, 0.25)];
    await run(pool, engine, [1, cat, 2]);
    await run(pool, engine, [1, dog, 2]);
    await pool.forget([cat]);
    expect((await run(pool, engine, [1, dog, 3])).reused).toBe(4);
    expect((await run(pool, engine, [1, cat, 3])).reused).toBe(0);
  });

  it("keeps as many bytes as it may, to the last", async () => {
    const engine = new ToyEngine(() => 1);
    const pool = new PrefixPool(engine, { bytesPerToken, keepBytes: 10 * bytesPerToken });
    for (const value of [0.1, 0.2, 0.3]) await run(pool, engine, [1, toyPicture(3, value), 2]);
    expect(pool.memory).toEqual({ prompts: 2, bytes: 10 * bytesPerToken });
  });
});
