import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { applyPlan } from "./apply-plan.js";
import { formatBudget, parseBudget } from "./budget-text.js";
import { mergePlan } from "./merging.js";
import { noReduction } from "./methods/none.js";
import { pruMerge } from "./methods/prumerge.js";
import { pruMergePlus } from "./methods/prumerge-plus.js";
import { randomSampling } from "./methods/random.js";
import { selectionOnly } from "./methods/selection.js";
import { sequentialSampling } from "./methods/sequential.js";
import { uniformSampling } from "./methods/uniform.js";
import { earlierLayers, usualNeed } from "./need.js";
import type { Reducer } from "./reducer.js";
import { createReducer, methods, takesCount } from "./registry.js";
import { rowRoom } from "./row-room.js";
import type { Signals } from "./signals.js";

function picture(rows: number, columns: number): Signals {
  const random = seededRandom(3);
  const matrix = (height: number) => ({
    rows: height,
    columns: 8,
    data: Float32Array.from({ length: height * 8 }, random),
  });
  const count = rows * columns;
  return {
    grid: { rows, columns },
    patches: matrix(count),
    keys: matrix(count + 1),
    queries: matrix(1),
    classToken: true,
    heads: 2,
  };
}
const signals = picture(24, 24);
const keptBy = (reducer: { plan(signals: Signals): { keptPatches: Int32Array } }) => [
  ...reducer.plan(signals).keptPatches,
];

describe("samplings", () => {
  test("sequential: the first T", () => {
    expect(keptBy(sequentialSampling({ tokens: 5 }))).toEqual([0, 1, 2, 3, 4]);
  });

  test("uniform by rows and columns: lines at floor((i + 0.5) 24 / n)", () => {
    // 2 lines of 24 lie at 6 and 18, 3 at 4, 12 and 20.
    expect(keptBy(uniformSampling({ rows: 2, columns: 3 }))).toEqual(
      [6, 18].flatMap((row) => [4, 12, 20].map((column) => row * 24 + column)),
    );
  });

  test("uniform by count: T spread over round(sqrt T) rows, extra ones to the first rows", () => {
    // 5 patches: 2 rows, 3 and 2 of them; 2 of 24 columns lie at 6 and 18.
    expect(keptBy(uniformSampling({ tokens: 5 }))).toEqual([
      ...[4, 12, 20].map((column) => 6 * 24 + column),
      ...[6, 18].map((column) => 18 * 24 + column),
    ]);
    expect(keptBy(uniformSampling({ keepRatio: 1 }))).toEqual([...Array(576).keys()]);
  });

  test.each([
    [1, 24],
    [24, 1],
    [3, 7],
  ])("uniform finds room for every count on a %i x %i grid", (rows, columns) => {
    for (let tokens = 1; tokens <= rows * columns; tokens++) {
      const { keptPatches } = uniformSampling({ tokens }).plan(picture(rows, columns));
      expect(new Set(keptPatches).size).toBe(tokens);
    }
  });

  test("random: the same seed gives the same patches, another seed others; all ascending", () => {
    const kept = keptBy(randomSampling({ tokens: 64, seed: 7 }));
    expect(kept).toEqual(keptBy(randomSampling({ tokens: 64, seed: 7 })));
    expect(kept).not.toEqual(keptBy(randomSampling({ tokens: 64, seed: 8 })));
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  });

  test("random: every patch is as likely as any other", () => {
    const counts = new Array(12).fill(0);
    for (let seed = 0; seed < 3000; seed++) {
      for (const patch of randomSampling({ tokens: 4, seed }).plan(picture(3, 4)).keptPatches)
        counts[patch]++;
    }
    // 1000 expected each, standard deviation 26.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  test("hand patches on unchanged", () => {
    const tokens = applyPlan(sequentialSampling({ tokens: 3 }).plan(signals), signals.patches);
    expect(tokens.data).toEqual(signals.patches.data.slice(0, 24));
  });

  test("none: the identity", () => {
    expect(applyPlan(noReduction().plan(signals), signals.patches)).toEqual(signals.patches);
  });
});

/** As a vision graph is fed for a model of so many patches. */
function settingsOf(reducer: Reducer, patches: number) {
  const program = reducer.inGraph?.(patches, rowRoom(reducer, patches));
  return program === "identity" ? program : program?.settings;
}

describe("settings for the graph", () => {
  const defaults = { iqrFactor: 1.5, neighbours: 32, globalToken: true, rasterOrder: false };

  test("carry budgets as counts", () => {
    expect(settingsOf(pruMerge(), 576)).toEqual({ ...defaults, exact: false, count: 0, spatial: false });
    expect(settingsOf(pruMergePlus({ maxTokens: 144 }), 64)).toEqual({
      ...defaults,
      exact: false,
      count: 144,
      spatial: true,
    });
    expect(settingsOf(pruMergePlus({ tokens: 64, order: "raster" }), 576)).toEqual({
      ...defaults,
      exact: true,
      count: 64,
      spatial: true,
      rasterOrder: true,
    });
    expect(
      settingsOf(pruMerge({ keepRatio: 0.055, globalToken: false, neighbours: 8, iqrFactor: 2 }), 16),
    ).toEqual({
      exact: true,
      count: 1,
      iqrFactor: 2,
      neighbours: 8,
      spatial: false,
      globalToken: false,
      rasterOrder: false,
    });
  });

  test("hold no more neighbours than there are other patches", () => {
    expect(settingsOf(pruMerge(), 16)).toMatchObject({ neighbours: 15 });
  });

  test("none is the identity", () => {
    expect(settingsOf(noReduction(), 576)).toBe("identity");
  });

  test("do not exist for what only the planner does", () => {
    expect(settingsOf(pruMerge({ perHeadAttention: true }), 576)).toBeUndefined();
    expect(settingsOf(pruMerge({ similarity: "dot-product" }), 576)).toBeUndefined();
    expect(settingsOf(pruMergePlus({ normalizedMerge: true }), 576)).toBeUndefined();
    expect(settingsOf(pruMerge({ compatibility: "released" }), 576)).toBeUndefined();
    expect(settingsOf(randomSampling({ tokens: 1 }), 576)).toBeUndefined();
  });

  test("refuse a count beyond what N patches and a global token give", () => {
    expect(() => settingsOf(pruMerge({ tokens: 578 }), 576)).toThrow(
      'prumerge: option "tokens" is out of range; expected an integer from 1 to 577, found 578',
    );
  });
});

describe("the registry", () => {
  test("lists every method once, with a description", () => {
    const names = methods.map(({ name }) => name);
    expect(new Set(methods.flatMap(({ name, alias }) => [name, ...(alias ? [alias] : [])])).size).toBe(
      names.length + methods.filter(({ alias }) => alias).length,
    );
    for (const name of ["prumerge", "prumerge+", "selection", "random", "uniform", "sequential", "none"])
      expect(names).toContain(name);
    for (const { description, budgets, defaultBudget, alias, name } of methods) {
      expect(description.length).toBeGreaterThan(10);
      expect(budgets).toContain(defaultBudget.kind);
      expect(alias ?? name).toMatch(/^[a-z0-9-]+$/); // it names files
    }
  });

  test("tells which methods take a count", () => {
    expect(methods.filter(takesCount).map(({ name }) => name)).toEqual(
      methods
        .filter(({ budgets }) => !budgets.every((kind) => kind === "rule" || kind === "all"))
        .map(({ name }) => name),
    );
    const none = methods.find(({ name }) => name === "none")!;
    const kinds = ["exact", "share", "cap", "rule", "all"] as const;
    expect(kinds.map((kind) => takesCount({ ...none, budgets: [kind] }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(takesCount({ ...none, budgets: ["rule", "cap"] })).toBe(true);
  });

  test.each(["prumerge", "prumerge+", "selection"])("%s takes every kind of budget but all", (name) => {
    for (const text of ["3", "25%", "adaptive", "adaptive:3"])
      expect(formatBudget(createReducer(name, {}, parseBudget(text)).budget)).toBe(text);
    expect(() => createReducer(name, {}, { kind: "all" })).toThrow(
      new RegExp(
        `^the method ${name.replace("+", "\\+")} does not.*expected a count, or a share, or a cap \\(adaptive:N\\), or adaptive,`,
      ),
    );
  });

  test.each(["random", "uniform", "sequential"])("%s takes a count or a share, and names itself", (name) => {
    for (const text of ["3", "25%"]) {
      const reducer = createReducer(name, {}, parseBudget(text));
      expect([reducer.method, formatBudget(reducer.budget)]).toEqual([name, text]);
    }
    for (const options of [{ tokens: 0 }, { keepRatio: 2 }])
      expect(() => createReducer(name, options)).toThrow(
        new RegExp(`^${name}: option "${Object.keys(options)[0]}"`),
      );
  });

  test("creates the reducer that the function of that name does", () => {
    const byName = createReducer("prumerge+", { maxTokens: 40 });
    expect(byName.method).toBe("prumerge+");
    expect(byName.options).toEqual(pruMergePlus({ maxTokens: 40 }).options);
    expect(byName.plan(signals)).toEqual(pruMergePlus({ maxTokens: 40 }).plan(signals));
  });

  test("knows aliases everywhere, and has the function's rule without a budget", () => {
    expect(createReducer("prumerge-plus").method).toBe("prumerge+");
    expect(createReducer("prumerge+").budget).toEqual({ kind: "rule" });
    expect(createReducer("random").budget).toEqual({ kind: "share", ratio: 0.25 });
    expect(createReducer("none").budget).toEqual({ kind: "all" });
    for (const one of methods) {
      const { options } = createReducer(one.name, {}, one.defaultBudget);
      expect(createReducer(one.name, options).options).toEqual(options);
    }
  });

  test.each([
    ["prumerg", "prumerge"],
    ["PruMerge+", "prumerge+"],
    ["prumerge-", "prumerge"],
    ["unifrom", "uniform"],
    ["seq", undefined],
    ["fastv", undefined],
  ])("refuses %s and suggests %s", (name, nearest) => {
    const help =
      nearest === undefined
        ? expect.not.stringContaining("Did you mean")
        : expect.stringContaining(`Did you mean "${nearest}"?`);
    expect(() => createReducer(name)).toThrow(
      expect.objectContaining({ code: "UNKNOWN_METHOD", message: help }),
    );
  });
});

describe("options out of range are refused", () => {
  test.each([
    ["prumerge", { tokens: 0 }, /"tokens" .*integer of at least 1, found 0/],
    ["prumerge", { tokens: 1.5 }, /"tokens"/],
    ["prumerge", { tokens: "64" }, /"tokens" .*found "64"/],
    ["prumerge", { maxTokens: 0 }, /"maxTokens"/],
    ["prumerge", { keepRatio: 0 }, /"keepRatio" .*above 0 and at most 1/],
    ["prumerge", { keepRatio: 1.01 }, /"keepRatio"/],
    ["prumerge", { keepRatio: Number.NaN }, /"keepRatio"/],
    [
      "prumerge+",
      { tokens: 64, maxTokens: 64 },
      /one budget at most may be given; .*found tokens and maxTokens/,
    ],
    ["prumerge", { neighbours: -1 }, /"neighbours"/],
    ["prumerge", { iqrFactor: -0.1 }, /"iqrFactor"/],
    ["prumerge", { iqrFactor: 1001 }, /"iqrFactor"/],
    ["prumerge", { iqrFactor: Number.NaN }, /"iqrFactor"/],
    ["prumerge", { order: "random" }, /"order" .*attention, raster/],
    ["prumerge", { similarity: "euclid" }, /"similarity"/],
    ["prumerge", { globalToken: 1 }, /"globalToken" .*true or false/],
    ["prumerge", { normalizedMerge: "no" }, /"normalizedMerge"/],
    ["prumerge", { perHeadAttention: 0 }, /"perHeadAttention"/],
    ["prumerge", { compatibility: "paper" }, /"compatibility"/],
    ["prumerge", { outlierRatio: 0.1 }, /"outlierRatio"/],
    ["prumerge", { compatibility: "released", outlierRatio: 2 }, /"outlierRatio"/],
    ["prumerge", { token: 64 }, /no option "token"/],
    ["random", { tokens: 4, seed: -1 }, /"seed"/],
    [
      "random",
      { maxTokens: 4 },
      /random does not take .*expected a count, or a share, found adaptive:4.*prumerge, prumerge\+, selection/,
    ],
    ["uniform", { rows: 4 }, /"columns"/],
    ["uniform", { rows: 0, columns: 4 }, /"rows"/],
    ["uniform", { rows: 4, columns: 4, tokens: 16 }, /"rows" .*both/],
    ["sequential", { tokens: 4, seed: 1 }, /no option "seed"/],
    ["none", { tokens: 4 }, /none does not take .*expected all of them, found 4/],
  ])("%s %j", (name, options, message) => {
    expect(() => createReducer(name, options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(message) }),
    );
  });

  test("a budget beside another, and one of a kind that the method does not take", () => {
    expect(() => createReducer("prumerge", { tokens: 3 }, { kind: "rule" })).toThrow(
      /one budget at most may be given.*3 and adaptive/,
    );
    expect(() => createReducer("prumerge", {}, { kind: "all" })).toThrow(
      /found all.*Methods that take it: none/,
    );
    expect(() => createReducer("uniform", { rows: 2, columns: 2 }, { kind: "exact", rows: 4 })).toThrow(
      /both/,
    );
  });

  test("and for a picture that is too small", () => {
    expect(() => randomSampling({ tokens: 577 }).plan(signals)).toThrow(/from 1 to 576, found 577/);
    expect(() => uniformSampling({ rows: 25, columns: 2 }).plan(signals)).toThrow(/"rows" .*from 1 to 24/);
    expect(() => pruMerge({ tokens: 577, globalToken: false }).plan(signals)).toThrow(/from 1 to 576/);
  });

  test("options that are present but undefined count as left out", () => {
    expect(createReducer("prumerge", { tokens: undefined, order: undefined }).options).toEqual(
      pruMerge().options,
    );
  });
});

describe("kept patches handed in", () => {
  test.each([
    [{ neighbors: 1 }, /mergePlan: there is no option "neighbors"; expected neighbours, similarity/],
    [{ perHeadAttention: "no" }, /mergePlan: option "perHeadAttention" .*true or false/],
    [{ neighbours: -1 }, /mergePlan: option "neighbours"/],
  ])("with %j are refused", (options, message) => {
    expect(() => mergePlan(signals, [1], options as never)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(message) }),
    );
  });

  test.each([[[0, 576]], [[-1]], [[1.5]], [[3, 3]]])("%j are refused", (kept) => {
    expect(() => mergePlan(signals, kept)).toThrow(expect.objectContaining({ code: "INVALID_TENSOR" }));
  });

  test("none at all are refused without a global token only", () => {
    expect(() => mergePlan(signals, [], { globalToken: false })).toThrow(/at least one, found none/);
    expect([...mergePlan(signals, []).keptPatches]).toEqual([-1]);
  });

  test("an attention of the wrong length or with NaN is refused", () => {
    expect(() => mergePlan(signals, [1], { attention: new Float32Array(3) })).toThrow(
      /classAttention: .*576 values/,
    );
    expect(() => mergePlan(signals, [1], { attention: new Float32Array(576).fill(Number.NaN) })).toThrow(
      /finite/,
    );
  });
});

describe("signals that contradict themselves are refused", () => {
  const { patches, keys, queries } = signals;
  test.each<[string, Partial<Signals>]>([
    ["patches", { grid: { rows: 23, columns: 24 } }],
    ["patches", { patches: { ...patches, columns: 9 } }],
    ["keys", { keys: { ...keys, rows: 576 } }],
    ["keys", { classToken: false, queries: patches }],
    ["queries", { queries: patches }],
    ["queries", { queries: { ...queries, data: queries.data.subarray(1) } }],
    ["heads", { heads: 3 }],
    ["heads", { heads: 0 }],
    ["classAttention", { classAttention: new Float32Array(577) }],
  ])("%s (%#)", (where, change) => {
    const expected = { code: "INVALID_TENSOR", message: expect.stringContaining(`${where}: `) };
    expect(() => pruMerge().plan({ ...signals, ...change })).toThrow(expect.objectContaining(expected));
  });
});

test.each([
  pruMerge,
  pruMergePlus,
  randomSampling,
  uniformSampling,
  sequentialSampling,
])("options that are no object are refused: %o", (create) => {
  for (const options of [null, 64, "64"])
    expect(() => create(options as never)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(String(options)) }),
    );
});

describe("selection alone", () => {
  test("keeps PruMerge's patches in its order, each as it is", () => {
    const merged = pruMerge({ tokens: 41 }).plan(signals);
    const plan = selectionOnly({ tokens: 40 }).plan(signals);
    expect([...plan.keptPatches]).toEqual([...merged.keptPatches].slice(0, 40));
    const rows = applyPlan(plan, signals.patches);
    const { columns, data } = signals.patches;
    expect(rows.rows).toBe(40);
    for (const [row, patch] of plan.keptPatches.entries()) {
      expect(rows.data.subarray(row * columns, (row + 1) * columns)).toEqual(
        data.subarray(patch * columns, (patch + 1) * columns),
      );
    }
  });

  test("has as many rows as there are outliers, and the highest patch where there is none", () => {
    const outliers = pruMerge()
      .plan(signals)
      .keptPatches.filter((patch) => patch >= 0).length;
    expect(selectionOnly().plan(signals).keptPatches).toHaveLength(Math.max(1, outliers));
    expect(selectionOnly({ iqrFactor: 1000 }).plan(signals).keptPatches).toHaveLength(1);
  });

  test("runs in the graph, and can be made again from its own options", () => {
    const reducer = selectionOnly({ maxTokens: 20, order: "raster" });
    expect(settingsOf(reducer, 576)).toMatchObject({
      exact: false,
      count: 20,
      neighbours: 0,
      globalToken: false,
      spatial: false,
      rasterOrder: true,
    });
    expect(createReducer("selection", reducer.options).options).toEqual(reducer.options);
    expect(() => createReducer("selection", { neighbours: 3 })).toThrow(/neighbours/);
  });
});

test("what methods read of layers before the last, vision graphs show", () => {
  for (const method of methods) {
    const { layers = [] } = method.create({}, method.defaultBudget).need ?? usualNeed;
    expect([-1, ...earlierLayers], method.name).toEqual(expect.arrayContaining([...layers]));
  }
});
