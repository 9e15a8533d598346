import { describe, expect, it } from "vitest";
import { judgeProblems, scienceQaScores } from "./judge.js";
import type { Problem } from "./problem.js";

const problem: Problem = {
  id: "7",
  question: "Which?",
  choices: ["oak", "cat"],
  answer: 1,
  hint: "",
  picture: undefined,
  subset: "test",
  subject: "natural science",
  topic: "biology",
  grade: "grade3",
};
const judge = (one: Partial<Problem>, answer?: string, unanswered: "wrong" | "llava" = "wrong") => {
  const answers = new Map(answer === undefined ? [] : [["7", answer] as const]);
  return judgeProblems([{ ...problem, ...one }], answers, { scorer: "llava", unanswered })[0];
};

describe("the verdict on a problem", () => {
  it("is its own, right or wrong", () => {
    expect(judge({}, "B")).toMatchObject({ questions: ["7"], credit: 1 });
    expect([judge({}, "A"), judge({}, "a cat"), judge({})].map(({ credit }) => credit)).toEqual([0, 0, 0]);
  });

  it("counts for ScienceQA's own parts: a context is a hint, a picture or none", () => {
    const rest = ["grade/1-6", "topic/biology"];
    const groups = (one: Partial<Problem>) => judge({ ...one }, "B").groups;
    expect(groups({})).toEqual(["subject/natural science", "context/none", ...rest]);
    expect(groups({ hint: "Look." })).toEqual(["subject/natural science", "context/text", ...rest]);
    const picture = "7/image.png";
    expect(groups({ picture })).toEqual(["img", "subject/natural science", ...rest]);
    expect(groups({ picture, hint: "Look." })).toEqual([
      "img",
      "subject/natural science",
      "context/text",
      ...rest,
    ]);
  });

  it.each([
    ["grade1", "grade/1-6"],
    ["grade6", "grade/1-6"],
    ["grade7", "grade/7-12"],
    ["grade12", "grade/7-12"],
    ["grade0", undefined],
    ["grade13", undefined],
    ["upgrade3", undefined],
    ["grade3a", undefined],
    ["kindergarten", undefined],
  ])("puts %s into %s", (grade, group) => {
    const [, , ...rest] = judge({ grade }, "B").groups;
    expect(rest).toEqual([...(group === undefined ? [] : [group]), "topic/biology"]);
  });

  it("leaves the headline by LLaVA's rule where a picture's question has no answer", () => {
    const picture = "7/image.png";
    expect(judge({ picture }, undefined, "llava").groups).not.toContain("img");
    expect(judge({ picture }, undefined, "wrong").groups).toContain("img");
    expect(judge({ picture }, "A", "llava").groups).toContain("img");
  });
});

describe("the scores", () => {
  it("begin with that over pictures, which stands there once, and is 0 of none", () => {
    const verdicts = [judge({ picture: "7/image.png" }, "B"), judge({}, "A")];
    const { headline, scores } = scienceQaScores(verdicts);
    expect(headline).toEqual({ name: "img", value: 100, unit: "percent", count: 1 });
    expect(scores.filter(({ name }) => name === "img")).toEqual([headline]);
    expect(scores.slice(0, 2)).toEqual([headline, { name: "all", value: 50, unit: "percent", count: 2 }]);
    expect(scienceQaScores(verdicts.slice(1)).headline).toEqual({ ...headline, value: 0, count: 0 });
  });
});
