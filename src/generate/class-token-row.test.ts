import { describe, expect, it } from "vitest";
import { classTokenRows, type LlavaSpec } from "../models/spec.js";
import { noReduction, pruMerge, pruMergePlus, randomSampling } from "../reduce/index.js";
import { withoutLeadingRows } from "./class-token-row.js";

const spec = (classToken: boolean, selectStrategy: "default" | "full") =>
  ({ vision: { classToken }, selectStrategy }) as LlavaSpec;

describe("classTokenRows", () => {
  it("is one only where a class token is handed on", () => {
    expect(classTokenRows(spec(true, "full"))).toBe(1);
    expect(classTokenRows(spec(true, "default"))).toBe(0);
    expect(classTokenRows(spec(false, "full"))).toBe(0);
  });
});

describe("withoutLeadingRows", () => {
  const count = (reducer = pruMerge()) => withoutLeadingRows(reducer, 576, 1).graphSettings(576)?.count;

  it("takes the class token's row off every kind of budget", () => {
    expect(count(pruMergePlus({ tokens: 64 }))).toBe(63);
    expect(count(pruMergePlus({ maxTokens: 144 }))).toBe(143);
    expect(count(pruMerge({ keepRatio: 0.25 }))).toBe(143);
    expect(withoutLeadingRows(randomSampling({ tokens: 10, seed: 4 }), 576, 1).options).toMatchObject({
      tokens: 9,
      seed: 4,
    });
  });

  it("leaves the adaptive rule, no reduction, and models without such a row alone", () => {
    expect(count(pruMerge())).toBe(0);
    expect(count(noReduction())).toBe(576);
    const reducer = pruMergePlus({ tokens: 64 });
    expect(withoutLeadingRows(reducer, 576, 0)).toBe(reducer);
  });

  it("refuses a budget that leaves no row for the patches", () => {
    expect(() => count(pruMerge({ tokens: 1 }))).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });
});
