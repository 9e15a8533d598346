import { describe, expect, it } from "vitest";
import type { TaskScores } from "../eval/run/run-folder.js";
import { formatScores } from "./evaluation-report.js";

const headline = {
  name: "overall",
  value: 77.8345,
  unit: "percent",
  count: 300,
  interval: { low: 73.1, high: 81.996 },
} as const;

function result(configuration: string, failed = 0): TaskScores {
  return {
    task: "scienceqa",
    configuration,
    questions: 4241,
    failed,
    meanVisualTokens: 576,
    headline,
    scores: [headline],
  };
}

describe("formatScores", () => {
  it("fits a terminal with the longest usual names, a line each", () => {
    const lines = formatScores([result("none"), result("prumerge-plus-adaptive")], 80)
      .trimEnd()
      .split("\n");
    expect(lines).toEqual([
      "task       configuration             score   95 % interval  tokens  questions",
      "scienceqa  none                    77.83 %  73.10 .. 82.00   576.0      4,241",
      "scienceqa  prumerge-plus-adaptive  77.83 %  73.10 .. 82.00   576.0      4,241",
    ]);
  });

  it("rounds as prumerge score and the official programs do", () => {
    const half = {
      ...result("none"),
      headline: { ...headline, value: 62.125, interval: { low: 60.125, high: 64.375 } },
    };
    expect(formatScores([half], 80)).toContain("62.12 %  60.12 .. 64.38"); // 497 of 800
  });

  it("counts failed questions where there are any", () => {
    const [header, ...lines] = formatScores([result("none"), result("random-64", 3)], 100)
      .trimEnd()
      .split("\n");
    expect(header).toMatch(/ questions {2}failed$/);
    expect(lines.map((line) => line.split(" ").at(-1))).toEqual(["0", "3"]);
  });
});
