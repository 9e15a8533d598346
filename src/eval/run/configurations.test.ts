import { describe, expect, it } from "vitest";
import { parseBudget } from "../../reduce/index.js";
import { planConfigurations, reducerFor } from "./configurations.js";
import { configurationSchema } from "./run-folder.js";

const names = (methods: string[], budgets: Parameters<typeof planConfigurations>[1]) =>
  planConfigurations(methods, budgets, 0).configurations.map(({ name }) => name);

const exactly = (rows: number) => ({ kind: "exact", rows }) as const;
const cap = { kind: "cap", rows: 144 } as const;

describe("planConfigurations", () => {
  it("takes every method at every budget, none once, in the order given", () => {
    const budgets = [exactly(192), exactly(64), { kind: "rule" }] as const;
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
    expect(planned.leftOut).toEqual(["uniform does not take adaptive: left out there"]);
    for (const one of planned.configurations) expect(configurationSchema.parse(one)).toEqual(one);
  });

  it("knows prumerge+ by both names, and takes nothing twice", () => {
    expect(names(["prumerge+", "prumerge-plus", "none", "none"], [cap, cap])).toEqual([
      "prumerge-plus-adaptive-144",
      "none",
    ]);
  });

  it("puts rows at each of the positions, but where none are left out", () => {
    const { configurations } = planConfigurations(["prumerge", "none"], [exactly(64)], 0, [
      "contiguous",
      "original",
      "far",
      "original",
    ]);
    expect(configurations.map(({ name, positions }) => [name, positions])).toEqual([
      ["prumerge-64", undefined],
      ["prumerge-64-original", "original"],
      ["prumerge-64-far", "far"],
      ["none", undefined],
    ]);
    for (const one of configurations) expect(configurationSchema.parse(one)).toEqual(one);
  });

  it("makes the methods with the options that were asked for, and says so in names", () => {
    const { configurations } = planConfigurations(["cover", "none"], [exactly(64)], 0, ["original"], {
      sizeBias: false,
    });
    expect(configurations.map(({ name, options }) => [name, options.sizeBias])).toEqual([
      ["cover-64-size-bias-false-original", false],
      ["none", undefined],
    ]);
    for (const one of configurations) expect(configurationSchema.parse(one)).toEqual(one);
    expect(reducerFor(configurations[0]!, "0".repeat(64)).rowBias).toBeUndefined();
    expect(() => planConfigurations(["uniform"], [exactly(64)], 0, undefined, { sizeBias: false })).toThrow(
      /there is no option "sizeBias"/,
    );
  });

  it("names a share as it was written", () => {
    expect(names(["uniform"], [parseBudget("33.3%")!])).toEqual(["uniform-share-0.333"]);
  });

  it("refuses a method that no budget fits, and one that there is not", () => {
    expect(() => names(["random"], [{ kind: "rule" }, cap])).toThrow(
      /random takes none of these budgets; expected for example --visual-tokens 25%, found adaptive,adaptive:144/,
    );
    expect(() => names(["prumrge"], [exactly(3)])).toThrow(/Did you mean "prumerge"/);
    expect(() => names(["none"], [{ kind: "rule" }])).not.toThrow();
  });
});

describe("run.json of format 1", () => {
  it.each([
    ["all", { kind: "all" }],
    [{ tokens: 64 }, { kind: "exact", rows: 64 }],
    [{ maxTokens: null }, { kind: "rule" }],
    [{ maxTokens: 9 }, { kind: "cap", rows: 9 }],
  ])("spells a budget %j", (budget, expected) => {
    const one = { name: "x", method: "prumerge", budget, options: {} };
    expect(configurationSchema.parse(one).budget).toEqual(expected);
  });
});

describe("reducerFor", () => {
  const [random] = planConfigurations(["random"], [exactly(8)], 7).configurations;

  it("draws anew for every picture, and the same again for the same one", () => {
    const [a, b] = ["0f".repeat(32), "f0".repeat(32)];
    const seeds = [a, b, a].map((picture) => reducerFor(random!, picture).options.seed);
    expect(seeds[0]).toBe((7 ^ 0x0f0f0f0f) >>> 0);
    expect(seeds[1]).toBe((7 ^ 0xf0f0f0f0) >>> 0);
    expect(seeds[2]).toBe(seeds[0]);
  });

  it("asks for the configuration's own budget, also where options do not spell it", () => {
    const [rule] = planConfigurations(["prumerge+"], [{ kind: "rule" }], 0).configurations;
    expect(reducerFor(rule!, "00".repeat(32)).budget).toEqual({ kind: "rule" });
  });

  it("hands the other methods their options", () => {
    const [plus] = planConfigurations(["prumerge+"], [exactly(8)], 7).configurations;
    expect(reducerFor(plus!, "00".repeat(32)).options).toMatchObject({ tokens: 8 });
  });
});
