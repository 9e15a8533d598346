import { expect, it } from "vitest";
import { readCallOptions } from "./call-options.js";

const read = (prumerge: Record<string, unknown>) =>
  readCallOptions({ prompt: [], providerOptions: { prumerge: prumerge as never } });

it("takes budgets as they are written everywhere", () => {
  for (const visualTokens of [64, "64", "25%", "adaptive", "adaptive:144", "all"]) {
    expect(read({ visualTokens })).toEqual({ visualTokens });
  }
});

it.each([
  [{ visualTokens: "lots" }, /visualTokens/],
  [{ visualTokens: 0 }, /visualTokens/],
  [{ positions: "middle" }, /positions/],
  [{ tokens: 64 }, /prumerge/],
])("refuses what it does not understand: %j", (options, where) => {
  expect(() => read(options)).toThrow(where);
});
