import { describe, expect, it } from "vitest";
import { expectation } from "../../../test/support/short-answers.js";
import { contractions } from "./contractions.js";
import {
  m4cPunctuation,
  normaliseM4c,
  normaliseVqa,
  processPunctuation,
  vlmEvalKitPunctuation,
  vqaPunctuation,
} from "./vqa-normalise.js";

const cases: { text: string; vqaeval: string; m4c: string; lmms_eval: string; vlmevalkit: string }[] =
  expectation("normalised.json");

describe("the VQA normalisers", () => {
  it("write what the public programs write", () => {
    expect(cases.length).toBeGreaterThan(600);
    const ours = cases.map(({ text }) => ({
      text,
      vqaeval: normaliseVqa(text, vqaPunctuation),
      m4c: normaliseM4c(text),
      lmms_eval: normaliseVqa(text, m4cPunctuation),
      vlmevalkit: normaliseVqa(text, vlmEvalKitPunctuation),
    }));
    expect(ours).toEqual(cases);
  });

  it("delete periods that no digit follows, the first 32 of them", () => {
    const punctuate = (text: string) => processPunctuation(text, vqaPunctuation);
    expect(["3.", "U.S.A.", "3.5", ".5"].map(punctuate)).toEqual(["3", "USA", "3.5", ".5"]);
    expect(punctuate(`x${".".repeat(40)}`)).toBe(`x${".".repeat(8)}`);
    expect(processPunctuation("3.", vlmEvalKitPunctuation)).toBe("3.");
  });

  it("delete marks beside a space or in a text with a comma between digits, else part words at them", () => {
    const punctuate = (text: string) => processPunctuation(text, vqaPunctuation);
    expect(punctuate("red/blue")).toBe("red blue");
    expect(punctuate("red /blue")).toBe("red blue");
    expect(punctuate("1,000-2,000")).toBe("10002000");
    expect(punctuate("$5 & 10%: #1*")).toBe("$5 & 10%: #1*");
    expect(normaliseM4c("1,000-2,000")).toBe("1000 2000");
  });

  it("write number words up to ten as digits, drop articles, add apostrophes and never take them away", () => {
    const known = { none: "0", ten: "10", twenty: "twenty", a_b: "b", "n/a": "n", the: "", dont: "don't" };
    for (const [text, expected] of Object.entries(known)) expect(normaliseVqa(text)).toBe(expected);
    expect(normaliseVqa("zero one two three four five six seven eight nine ten")).toBe(
      "0 1 2 3 4 5 6 7 8 9 10",
    );
    expect(normaliseVqa("don't")).toBe("don't");
    expect([normaliseVqa("Im"), normaliseVqa("Ive")]).toEqual(["im", "ive"]);
    expect(contractions.get("somebody'd")).toBe("somebodyd");
    expect(["lets", "shes", "couldntve"].filter((word) => contractions.has(word))).toEqual([]);
  });

  it("part the possessive in M4C's version alone", () => {
    expect([normaliseVqa("women's"), normaliseM4c("women's")]).toEqual(["women's", "women 's"]);
    expect(normaliseM4c("let's")).toBe("let 's");
  });
});
