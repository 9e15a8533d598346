import { describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/toy-engine.js";
import { toyPicture } from "../../test/support/toy-prompts.js";
import { PrefixPool } from "./prefix-reuse.js";
import { type PromptUnit, promptRows } from "./prompt.js";

const bytesPerToken = 8;
/** A system prompt. */
const system = Array.from({ length: 12 }, (_, at) => 20 + at);
let pictures = 0;
const newPicture = () => toyPicture(3, ++pictures / 1024);

/** As answers go about it. */
async function run(pool: PrefixPool, engine: ToyEngine, units: readonly PromptUnit[]) {
  const lease = await pool.acquire(units, true);
  await engine.forward(lease.cache, await promptRows(engine, units.slice(lease.reusedUnits)));
  pool.filled(lease, units);
  const held = [...engine.caches.get(lease.cache)!];
  await pool.release(lease, units);
  return { reused: lease.reusedTokens, held };
}

const fed = (units: readonly PromptUnit[]) =>
  units.flatMap((unit) => (typeof unit === "number" ? [unit] : [...unit.embeddings.data]));

function toyPool(keepBytes?: number) {
  const engine = new ToyEngine(() => 1);
  return { engine, pool: new PrefixPool(engine, { bytesPerToken, ...(keepBytes && { keepBytes }) }) };
}

describe("the words before the first picture", () => {
  it("are computed once, whatever picture comes behind them", async () => {
    const { engine, pool } = toyPool();
    expect((await run(pool, engine, [...system, newPicture(), 2])).reused).toBe(0);
    for (let time = 0; time < 6; time++) {
      const units = [...system, newPicture(), 2, 3];
      expect(await run(pool, engine, units)).toEqual({ reused: 12, held: fed(units) });
      expect(engine.runs.at(-1)).toEqual(fed(units.slice(12)));
    }
  });

  it("survive the pictures that came behind them", async () => {
    const { engine, pool } = toyPool();
    const picture = newPicture();
    await run(pool, engine, [...system, picture, 2]);
    await pool.forget([picture]);
    expect(pool.memory).toEqual({ prompts: 1, bytes: 12 * bytesPerToken });
    expect((await run(pool, engine, [...system, newPicture(), 2])).reused).toBe(12);
  });

  it("serve several that ask at the same time, and a picture's own cache goes before them", async () => {
    const { engine, pool } = toyPool();
    const known = newPicture();
    await run(pool, engine, [...system, known, 2]);
    const units = [...system, newPicture(), 2];
    const leases = await Promise.all([1, 2, 3].map(() => pool.acquire(units, true)));
    expect(leases.map(({ reusedTokens }) => reusedTokens)).toEqual([12, 12, 12]);
    expect(new Set(leases.map(({ cache }) => cache)).size).toBe(3);
    // Nothing but the head is in these yet: another one starts from the kept head, not from what is being filled.
    await engine.forward(leases[0]!.cache, [7, 7, 7]);
    const fourth = await pool.acquire(units, true);
    expect(engine.caches.get(fourth.cache)).toEqual(system);
    expect((await pool.acquire([...system, known, 3], true)).reusedTokens).toBe(15);
  });

  it("are shared as far as they are the same", async () => {
    const { engine, pool } = toyPool();
    await run(pool, engine, [...system, 1, 2, newPicture(), 2]);
    const units = [...system, 1, 3, newPicture(), 2];
    expect(await run(pool, engine, units)).toEqual({ reused: 13, held: fed(units) });
    expect((await run(pool, engine, [...system, 4, 5])).reused).toBe(12); // also where no picture comes
    expect((await run(pool, engine, [9, ...system, newPicture(), 2])).reused).toBe(0);
  });

  it("leave the last unit to compute", async () => {
    const { engine, pool } = toyPool();
    await run(pool, engine, [...system, newPicture()]);
    expect((await pool.acquire(system, true)).reusedTokens).toBe(11);
  });

  it("are not worth a copy where they are few, and kept once where many ask at once", async () => {
    const { engine, pool } = toyPool();
    for (let time = 0; time < 2; time++)
      expect((await run(pool, engine, [1, 2, 3, 4, 5, 6, 7, newPicture(), 2])).reused).toBe(0);
    const { engine: other, pool: crowded } = toyPool();
    const asked = [1, 2, 3].map(() => [...system, newPicture(), 2]);
    await Promise.all(asked.map((units) => run(crowded, other, units)));
    expect(crowded.memory).toEqual({ prompts: 4, bytes: (12 + 3 * 16) * bytesPerToken });
  });

  it("are kept in a quarter of what may be kept, those used last; what they take, prompts cannot", async () => {
    const { engine, pool } = toyPool(4 * 24 * bytesPerToken);
    const heads = [0, 100, 200].map((first) => system.map((id) => id + first));
    for (const head of heads.slice(0, 2)) await run(pool, engine, [...head, newPicture(), 2]);
    await run(pool, engine, [...heads[0]!, newPicture(), 2]);
    await run(pool, engine, [...heads[2]!, newPicture(), 2]); // pushes out the second
    expect((await run(pool, engine, [...heads[0]!, newPicture(), 2])).reused).toBe(12);
    expect((await run(pool, engine, [...heads[1]!, newPicture(), 2])).reused).toBe(0);
    expect(pool.memory.bytes).toBeLessThanOrEqual(4 * 24 * bytesPerToken);
    expect(engine.caches.size).toBe(pool.memory.prompts);
    const long = Array.from({ length: 25 }, (_, at) => 300 + at);
    await run(pool, engine, [...long, newPicture(), 2]);
    expect((await run(pool, engine, [...long, newPicture(), 2])).reused).toBe(0);
  });

  it("are neither taken nor kept where equal bits are promised, or nothing is to be reused", async () => {
    const { engine, pool } = toyPool();
    for (const [reuse, exactly] of [
      [true, 13],
      [false, undefined],
    ] as const) {
      const units = [...system, newPicture(), 2];
      const lease = await pool.acquire(units, reuse, exactly);
      await engine.forward(lease.cache, await promptRows(engine, units));
      pool.filled(lease, units);
      await pool.release(lease, undefined);
      expect(pool.memory.prompts).toBe(0);
    }
    await run(pool, engine, [...system, newPicture(), 2]);
    expect((await pool.acquire([...system, newPicture(), 2], true, 13)).reusedTokens).toBe(0);
    expect((await pool.acquire([...system, newPicture(), 2], false)).reusedTokens).toBe(0);
  });

  it("are done without where the engine fails to copy them", async () => {
    const { engine, pool } = toyPool();
    engine.forkCache = () => Promise.reject(new Error("no memory"));
    expect((await run(pool, engine, [...system, newPicture(), 2])).reused).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await run(pool, engine, [...system, newPicture(), 2])).reused).toBe(0);
  });
});
