import { describe, expect, test } from "vitest";
import { type Budget, readBudget, spellBudget, splitBudget } from "./budget.js";
import { budgetForms, formatBudget, parseBudget } from "./budget-text.js";

describe("a budget as text", () => {
  test.each<[string, Budget]>([
    ["1", { kind: "exact", rows: 1 }],
    ["64", { kind: "exact", rows: 64 }],
    ["999999999", { kind: "exact", rows: 999_999_999 }],
    ["25%", { kind: "share", ratio: 0.25 }],
    ["33.3%", { kind: "share", ratio: 0.333 }],
    ["5.555556%", { kind: "share", ratio: 0.05555556 }],
    ["0.000001%", { kind: "share", ratio: 0.00000001 }],
    ["100%", { kind: "share", ratio: 1 }],
    ["adaptive", { kind: "rule" }],
    ["adaptive:144", { kind: "cap", rows: 144 }],
    ["all", { kind: "all" }],
  ])("%s is %j, there and back", (text, budget) => {
    expect(parseBudget(text)).toEqual(budget);
    expect(formatBudget(budget)).toBe(text);
  });

  test.each([
    ...["", "0", "-1", "1.5", "64 ", " 64", "64x", "x64", "1e3", "1234567890", "many"],
    ...["0%", "100.1%", "101%", "1000%", "-5%", "%", "5.%", ".5%", "5.1234567%", "x5%", "5%x", "5 %"],
    ...[
      "adaptive:",
      "adaptive:0",
      "adaptive:x",
      "adaptive:64x",
      "an adaptive:64",
      "Adaptive",
      "adaptive:25%",
      "all:64",
    ],
  ])("%j is none", (text) => {
    expect(parseBudget(text)).toBeUndefined();
  });

  test("has the forms that its message names", () => {
    const named = [...budgetForms.matchAll(/64|25%|adaptive:64|adaptive(?!:)|all$/g)].map(([form]) => form);
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const form of named) expect(formatBudget(parseBudget(form)!)).toBe(form);
  });
});

describe("a budget as options", () => {
  test.each([
    { tokens: 3 },
    { maxTokens: 4 },
    { keepRatio: 1 },
    { keepRatio: 0.01 },
  ])("%j, there and back", (options) => {
    expect(spellBudget(readBudget("method", options)!)).toEqual(options);
  });

  test("is nothing for a rule, or for all, and several are refused by name", () => {
    expect([spellBudget({ kind: "rule" }), spellBudget({ kind: "all" }), readBudget("method", {})]).toEqual([
      {},
      {},
      undefined,
    ]);
    expect(() => readBudget("method", { tokens: 3, keepRatio: 0.5 })).toThrow(
      /^method: one budget.*expected tokens, maxTokens or keepRatio, found tokens and keepRatio/,
    );
    expect(() => readBudget("method", { keepRatio: "0.5" as never })).toThrow(/"keepRatio" .*found "0\.5"/);
  });

  test("is told from the other options", () => {
    expect(splitBudget({ tokens: 3, seed: 7, keepRatio: undefined })).toEqual({
      budget: { tokens: 3, keepRatio: undefined },
      rest: { seed: 7 },
    });
  });
});
