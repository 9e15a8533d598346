import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { pruMergePlus, uniformSampling } from "../reduce/index.js";
import type { Reducer } from "../reduce/reducer.js";
import { loadModel } from "./load-model.js";

const model = await loadModel();
afterAll(() => model.dispose());
const sample = fileURLToPath(new URL("../../models/pocket-llava/samples/sample_3.png", import.meta.url));
const pixels = await model.prepare(sample);
const many = 6;
/** The engine's runs take turns, and this thread works beside them. */
const lanes = 2;

async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; wall: number }> {
  const start = performance.now();
  const result = await work();
  return { result, wall: performance.now() - start };
}

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

describe("times of what is done at the same time", () => {
  const reducers: readonly [string, Reducer][] = [
    ["in the graph", pruMergePlus({ tokens: 32 })],
    ["planned outside", uniformSampling({ tokens: 32 })],
  ];

  it.each(
    reducers,
  )("pictures, %s: work adds up to no more than passed, work and waiting to what each took", async (_, reducer) => {
    await model.see(pixels, reducer); // opens the sessions
    const { result, wall } = await timed(() =>
      Promise.all(Array.from({ length: many }, () => timed(() => model.see(pixels, reducer)))),
    );
    const works = result.map(({ result: { statistics } }) => statistics.encodeMilliseconds);
    expect(sum(works)).toBeLessThan(lanes * wall);
    expect(Math.min(...works)).toBeGreaterThan(0);
    for (const {
      result: { statistics },
      wall: own,
    } of result) {
      const whole = statistics.encodeMilliseconds + statistics.waitMilliseconds!;
      expect(whole).toBeLessThanOrEqual(own);
      expect(own - whole).toBeLessThan(0.1 * own + 20);
    }
    // All were asked at once, so the last one waited for nearly all of the others.
    const waits = result.map(({ result: { statistics } }) => statistics.waitMilliseconds!);
    expect(Math.max(...waits)).toBeGreaterThan(sum(works) / 3);
  });

  it.each([true, false, "pictures"] as const)("answers, reusePrefix %s", async (reusePrefix) => {
    const seen = await model.see(pixels, uniformSampling({ tokens: 32 }));
    const ask = () =>
      timed(() => model.answer(seen, "What is in the picture?", { maxNewTokens: 6, reusePrefix }).result);
    await ask(); // opens the sessions
    const { result, wall } = await timed(() => Promise.all(Array.from({ length: many }, ask)));
    const timings = result.map((one) => one.result.timings);
    expect(sum(timings.map(({ total }) => total))).toBeLessThan(lanes * wall);
    for (const { result: done, wall: own } of result) {
      const { prefill, firstToken, perToken, total, firstTokenWait, totalWait, encodeWait } = done.timings;
      expect(own - (total + totalWait)).toBeLessThan(0.1 * own + 20);
      expect(total + totalWait).toBeLessThanOrEqual(own);
      expect(prefill).toBeLessThanOrEqual(firstToken);
      expect(firstToken + (perToken ?? 0) * (done.tokenIds.length - 1)).toBeLessThanOrEqual(total + 1e-6);
      expect(firstTokenWait).toBeLessThanOrEqual(totalWait);
      expect(encodeWait).toBe(seen.statistics.waitMilliseconds);
    }
    expect(Math.max(...timings.map(({ totalWait }) => totalWait))).toBeGreaterThan(wall / 3);
  });
});
