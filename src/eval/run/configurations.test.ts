import { describe, expect, it } from "vitest";
import { planConfigurations, reducerFor } from "./configurations.js";
import { configurationSchema } from "./run-folder.js";

const names = (methods: string[], budgets: Parameters<typeof planConfigurations>[1]) =>
  planConfigurations(methods, budgets, 0).configurations.map(({ name }) => name);

describe("planConfigurations", () => {
  it("takes every method at every budget, none once, in the order given", () => {
    const budgets = [{ tokens: 192 }, { tokens: 64 }, {}];
    const planned = planConfigurations(["prumerge", "prumerge-plus", "uniform", "none"], budgets, 0);
    expect(planned.configurations.map(({ name }) => name)).toEqual([
      "prumerge-192",
      "prumerge-64",
      "prumerge-adaptive",
      "prumerge-plus-192",
      "prumerge-plus-64",
      "prumerge-plus-adaptive",
      "uniform-192",
      "uniform-64",
      "none",
    ]);
    expect(planned.leftOut).toEqual(["uniform has no rule of its own: left out at adaptive budgets"]);
    for (const one of planned.configurations) expect(configurationSchema.parse(one)).toEqual(one);
  });

  it("knows prumerge+ by both names, and takes nothing twice", () => {
    expect(
      names(["prumerge+", "prumerge-plus", "none", "none"], [{ maxTokens: 144 }, { maxTokens: 144 }]),
    ).toEqual(["prumerge-plus-adaptive-144", "none"]);
  });

  it("refuses a method that no budget fits, and one that there is not", () => {
    expect(() => names(["random"], [{}, { maxTokens: 3 }])).toThrow(/random has no rule of its own/);
    expect(() => names(["prumrge"], [{ tokens: 3 }])).toThrow(/Did you mean "prumerge"/);
    expect(() => names(["none"], [{}])).not.toThrow();
  });
});

describe("reducerFor", () => {
  const [random] = planConfigurations(["random"], [{ tokens: 8 }], 7).configurations;

  it("draws anew for every picture, and the same again for the same one", () => {
    const [a, b] = ["0f".repeat(32), "f0".repeat(32)];
    const seeds = [a, b, a].map((picture) => reducerFor(random!, picture).options.seed);
    expect(seeds[0]).toBe((7 ^ 0x0f0f0f0f) >>> 0);
    expect(seeds[1]).toBe((7 ^ 0xf0f0f0f0) >>> 0);
    expect(seeds[2]).toBe(seeds[0]);
  });

  it("hands the other methods their options", () => {
    const [plus] = planConfigurations(["prumerge+"], [{ tokens: 8 }], 7).configurations;
    expect(reducerFor(plus!, "00".repeat(32)).options).toMatchObject({ tokens: 8 });
  });
});
