import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../../../../test/support/short-answers.js";
import { scoreIntervals } from "../../statistics/score-intervals.js";
import { nextqa } from "./nextqa.js";

const header = "video,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4";
const rows = [
  '100,30,640,480,"why did the dog, wet, shake",1,5,CW,the dog,the red ball,two,the man leaves,the cat jumps',
  "100,30,640,480,how many balls are there,2,6,DC,one,four,two,three,none",
  "200,30,640,480,what happens next,4,1,TN,a,b,c,d,e",
];

function benchmark(lines: readonly string[] = rows, first = header): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, "NExTVideo"));
  writeFileSync(join(folder, "test.csv"), `${[first, ...lines].join("\n")}\n`);
  return folder;
}

describe("NExT-QA", () => {
  it("is asked with lettered options", async () => {
    const folder = benchmark();
    const { questions } = await nextqa.load(folder);
    expect(questions.map(({ id }) => id)).toEqual(["100_5", "100_6", "200_1"]);
    expect(questions[0]).toMatchObject({
      picture: { name: "100.mp4", path: join(folder, "NExTVideo/100.mp4"), isVideo: true },
      text:
        "why did the dog, wet, shake\nA. the dog\nB. the red ball\nC. two\nD. the man leaves\nE. the cat jumps\n" +
        "Answer with the option's letter from the given choices directly.",
    });
    expect(questions[0]!.picture).toBe(questions[1]!.picture);
  });

  it("has videos in the folders that the original release's map names", async () => {
    const folder = benchmark();
    writeFileSync(join(folder, "map_vid_vidorID.json"), JSON.stringify({ 100: "1164/3238737531" }));
    mkdirSync(join(folder, "NExTVideo/1164"));
    writeFileSync(join(folder, "NExTVideo/1164/3238737531.mkv"), "");
    const { questions } = await nextqa.load(folder);
    expect(questions[0]!.picture).toMatchObject({ path: join(folder, "NExTVideo/1164/3238737531.mkv") });
    expect(questions[2]!.picture).toMatchObject({ path: join(folder, "NExTVideo/200.mp4") });
  });

  it("takes the last of several letters, and calls an answer without one wrong, and says how many they are", async () => {
    const task = await nextqa.load(benchmark());
    const verdicts = task.judge(
      new Map([
        ["100_5", "A and B"],
        ["100_6", "two"],
        ["200_1", "(E)"],
      ]),
    );
    expect(verdicts.map(({ credit }) => credit)).toEqual([1, 0, 1]);
    const { headline, scores } = task.aggregate(verdicts);
    expect(headline.value).toBeCloseTo(200 / 3, 10);
    expect(
      Object.fromEntries(scores.map(({ name, value, count }) => [name, [Math.round(value), count]])),
    ).toEqual({
      overall: [67, 3],
      causal: [100, 1],
      "causal/why": [100, 1],
      descriptive: [0, 1],
      "descriptive/count": [0, 1],
      temporal: [100, 1],
      "temporal/next": [100, 1],
      "no-letter-found": [33, 3],
    });
    expect(scoreIntervals(task, verdicts).every(({ interval }) => interval !== undefined)).toBe(true);
    expect(task.aggregate(task.judge(new Map())).scores.at(-1)!.value).toBe(0);
  });

  it.each([
    [
      "an answer out of range",
      rows[0]!.replace(",1,5,", ",5,5,"),
      header,
      /test.csv:2.*"answer" is wrong.*0 to 4/,
    ],
    ["a type that is none", rows[0]!.replace("CW", "XX"), header, /test.csv:2.*"type" is wrong/],
    ["a video that is a path", rows[0]!.replace("100", "../100"), header, /test.csv:2.*not a video's id/],
    ["a row that is cut off", rows[0]!.slice(0, 60), header, /test.csv:2/],
    ["a column that is missing", rows[0]!, header.replace("qid", "q"), /no qid/],
  ])("with %s is refused by its line", async (_, row, first, message) => {
    await expect(nextqa.load(benchmark([row], first))).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("without a question is refused", async () => {
    await expect(nextqa.load(benchmark([]))).rejects.toThrow(/no question/);
    await expect(nextqa.load(benchmark([rows[0]!, rows[0]!]))).rejects.toThrow(/stands twice/);
  });
});
