import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bestRatio } from "../bench/support/guard/best-ratio.js";
import { type Figure, limits, offences, type Stored } from "../bench/support/guard/figure.js";

/** Processor time that takes so many milliseconds on a machine like this one. */
function work(rounds: number): number {
  let sum = 0;
  for (let at = 0; at < rounds * 400_000; at++) sum += Math.sqrt(at);
  return sum;
}

describe("the guard against getting slower", () => {
  const others: Worker[] = [];
  beforeAll(() => {
    // Every core has something else to do.
    for (let at = 0; at < availableParallelism(); at++) others.push(new Worker("for (;;);", { eval: true }));
  });
  afterAll(async () => {
    await Promise.all(others.map((worker) => worker.terminate()));
  });

  it("sees work that takes twice as long, and none where it takes as long, beside busy programs", async () => {
    // Without the busy threads of this very process in it.
    const clock = async (run: () => unknown) => {
      const start = performance.now();
      await run();
      return performance.now() - start;
    };
    const tries = { clock, runs: 30, most: 4 };
    const same = await bestRatio(
      () => work(1),
      () => work(1),
      tries,
    );
    const twice = await bestRatio(
      () => work(2),
      () => work(1),
      tries,
    );
    const stored: Stored = { one: 1 };
    const figure = (value: number): Figure => ({ name: "one", value, kind: "ratio", notes: "" });
    expect(offences([figure(same)], stored)).toEqual([]);
    expect(offences([figure(twice)], stored)).toHaveLength(1);
  });
});

describe("what is an offence", () => {
  const stored: Stored = JSON.parse(readFileSync(new URL("../bench/guard.json", import.meta.url), "utf8"));
  const kindOf = (name: string) => (/^rows|multiply-adds$|handed on$/.test(name) ? "count" : "ratio");
  const figures = (times: (kind: Figure["kind"]) => number): Figure[] =>
    Object.entries(stored).map(([name, value]) => {
      const kind = kindOf(name);
      return { name, kind, value: value * times(kind), notes: "" };
    });

  it("is every figure beyond its limit, and none within", () => {
    expect(Object.keys(stored).length).toBeGreaterThan(15);
    expect(
      offences(
        figures((kind) => limits[kind] * 0.99),
        stored,
      ),
    ).toEqual([]);
    expect(
      offences(
        figures((kind) => limits[kind] * 1.01),
        stored,
      ),
    ).toHaveLength(Object.keys(stored).length);
  });

  it("is a figure of which nothing is stored, one that is no number, and one that was not measured", () => {
    const [first, ...rest] = figures(() => 1);
    expect(offences([...rest, { ...first!, name: "another" }], stored)).toEqual([
      "another: nothing is stored of it",
      `${first!.name}: was not measured`,
    ]);
    expect(offences([...rest, { ...first!, value: Number.NaN }], stored)).toHaveLength(1);
  });
});
