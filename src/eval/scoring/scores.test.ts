import { describe, expect, it } from "vitest";
import { codePointLength, firstCodePoints } from "./code-points.js";
import { countEqual, leaveOneOut } from "./leave-one-out.js";
import { meanCredit } from "./mean-credit.js";
import { capitalize, splitWords, strip, stripEnd } from "./python-text.js";
import { roundHalfEven } from "./round-half-even.js";

describe("leave-one-out accuracy", () => {
  it("is the mean over ten people of min(1, others who agree / 3)", () => {
    for (let agreeing = 0; agreeing <= 10; agreeing++) {
      const people = Array.from({ length: 10 }, (_, person) => (person < agreeing ? "same" : "other"));
      const each = people.map((_, left) =>
        Math.min(
          1,
          countEqual(
            people.filter((_, one) => one !== left),
            "same",
          ) / 3,
        ),
      );
      const mean = each.reduce((sum, one) => sum + one, 0) / 10;
      expect(leaveOneOut(agreeing)).toBeCloseTo(mean, 12);
    }
    expect([0, 1, 2, 3, 4, 10].map(leaveOneOut)).toEqual([0, 0.3, 0.6, 0.9, 1, 1]);
  });
});

describe("mean credit", () => {
  it("adds tenths exactly, and sorts groups by name and number", () => {
    const verdict = (credit: number, group: string) => ({ questions: ["x"], credit, groups: [group] });
    const verdicts = [...Array(10).fill(verdict(0.3, "n/10")), ...Array(5).fill(verdict(0.6, "n/9"))];
    const { headline, scores } = meanCredit(verdicts);
    expect(headline).toEqual({ name: "overall", value: 40, unit: "percent", count: 15 });
    expect(scores.map(({ name, value }) => [name, value])).toEqual([
      ["overall", 40],
      ["n/9", 60],
      ["n/10", 30],
    ]);
  });

  it("counts every verdict of a group, and is 0 of none", () => {
    const verdict = (credit: number, groups: string[]) => ({ questions: ["x"], credit, groups });
    const { headline, scores } = meanCredit(
      [verdict(1, ["a"]), verdict(0, ["a", "b"]), verdict(0.5, ["a"]), verdict(1, ["b"]), verdict(0, [])],
      "mean",
    );
    expect(headline).toEqual({ name: "mean", value: 50, unit: "percent", count: 5 });
    expect(scores.slice(1)).toEqual([
      { name: "a", value: 50, unit: "percent", count: 3 },
      { name: "b", value: 50, unit: "percent", count: 2 },
    ]);
    expect(meanCredit([]).headline).toEqual({ name: "overall", value: 0, unit: "percent", count: 0 });
  });

  it("keeps credit that is no tenth", () => {
    const third = { questions: ["x"], credit: 1 / 3, groups: [] };
    expect(meanCredit([third, third]).headline.value).toBeCloseTo(100 / 3, 10);
  });
});

describe("rounding", () => {
  it("goes to the even digit in the middle, as Python's does, and to the nearest elsewhere", () => {
    const cases: [number, number, string][] = [
      [62.125, 2, "62.12"],
      [62.375, 2, "62.38"],
      [0.5, 0, "0"],
      [1.5, 0, "2"],
      [2.5, 0, "2"],
      [0.25, 1, "0.2"],
      [0.75, 1, "0.8"],
      [-62.125, 2, "-62.12"],
      [62.135, 2, "62.13"],
      [2.675, 2, "2.67"],
      [100, 2, "100.00"],
      [0.5, 1, "0.5"],
      [37.5, 1, "37.5"],
      [1, 0, "1"],
      [33.25, 2, "33.25"],
      [66.66666666666667, 2, "66.67"],
    ];
    for (const [value, decimals, expected] of cases) expect(roundHalfEven(value, decimals)).toBe(expected);
  });
});

describe("texts as Python sees them", () => {
  it("are counted and cut in code points", () => {
    expect(["", "yes", "\u{1f600}a", "e\u0301"].map(codePointLength)).toEqual([0, 3, 2, 2]);
    expect([0, 1, 2, 9].map((count) => firstCodePoints("\u{1f600}ab", count))).toEqual([
      "",
      "\u{1f600}",
      "\u{1f600}a",
      "\u{1f600}ab",
    ]);
  });

  it("differ in what is white space", () => {
    expect(strip("\u001c\u0085\u00a0 yes \u001f\n")).toBe("yes");
    expect(strip("\ufeffyes\ufeff")).toBe("\ufeffyes\ufeff");
    expect(splitWords(" a\u2003b\u001cc ")).toEqual(["a", "b", "c"]);
    expect(splitWords(" \t")).toEqual([]);
  });

  it("are stripped of one character at the end, and capitalised", () => {
    expect(stripEnd("a.b...", ".")).toBe("a.b");
    expect(stripEnd("...", ".")).toBe("");
    expect(capitalize("what Is the NBA?")).toBe("What is the nba?");
    expect(capitalize("")).toBe("");
  });
});
