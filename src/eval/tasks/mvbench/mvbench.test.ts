import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../../../../test/support/short-answers.js";
import { scoreIntervals } from "../../statistics/score-intervals.js";
import { mvbench } from "./mvbench.js";
import { mvbenchSources } from "./sources.js";

/** Made by lmms-eval: test/fixtures/README-eval-choices.md. */
const fixture = fileURLToPath(new URL("../../../../test/fixtures/eval/mvbench", import.meta.url));
const expected: {
  prompts: Record<string, string[]>;
  scores: Record<string, { rows: number[]; accuracy: number }>;
  answers: Record<string, string[]>;
  video_folders: Record<string, string>;
} = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8"));
const tasks = ["action_sequence", "moving_direction"] as const;
const present = { tasks: "present" };
const said = new Map(
  Object.entries(expected.answers).flatMap(([task, texts]) =>
    texts.map((text, at): [string, string] => [`${task}_${at}`, text]),
  ),
);

function benchmark(): string {
  const folder = scratchFolder();
  cpSync(join(fixture, "json"), join(folder, "json"), { recursive: true });
  return folder;
}

/** A folder with one task of one row. */
function row(changed: object): string {
  const folder = scratchFolder();
  const one = { video: "v.mp4", question: "q", candidates: ["a", "b"], answer: "a", ...changed };
  writeFileSync(join(folder, "state_change.json"), JSON.stringify([one]));
  return folder;
}

describe("MVBench", () => {
  it("is asked as lmms-eval asks, of videos in its folders", async () => {
    const folder = benchmark();
    const path = join(folder, "data0613/clevrer/video_validation/video_10012.mp4");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    const { questions } = await mvbench.load(folder, present);
    for (const task of tasks)
      expect(questions.filter(({ id }) => id.startsWith(task)).map(({ text }) => text)).toEqual(
        expected.prompts[task],
      );
    expect(questions[0]).toMatchObject({
      id: "action_sequence_0",
      picture: {
        name: "star/Charades_segment/ZS9XR_11.1_19.6.mp4",
        path: join(folder, "star/Charades_segment/ZS9XR_11.1_19.6.mp4"),
        isVideo: true,
      },
      maxNewTokens: 16,
    });
    expect(questions[1]!.picture).toBe(questions[2]!.picture);
    expect(questions.find(({ id }) => id === "moving_direction_2")!.picture).toMatchObject({ path });
    expect(mvbenchSources).toEqual(expected.video_folders);
  });

  it("is scored as lmms-eval scores: empty answers leave the denominator, which is said", async () => {
    const task = await mvbench.load(benchmark(), present);
    const verdicts = task.judge(said);
    for (const name of tasks)
      expect(verdicts.filter((one) => one.task === name).map(({ credit }) => credit)).toEqual(
        expected.scores[name]!.rows,
      );
    const { headline, scores } = task.aggregate(verdicts);
    const values = Object.fromEntries(scores.map(({ name, value }) => [name, value]));
    const accuracies = tasks.map((name) => expected.scores[name]!.accuracy);
    expect(tasks.map((name) => values[name])).toEqual(accuracies);
    expect(headline.value).toBeCloseTo((accuracies[0]! + accuracies[1]!) / 2, 10);
    expect(values["empty-answers"]).toBe(25);
    expect(scoreIntervals(task, verdicts).every(({ interval }) => interval !== undefined)).toBe(true);
  });

  it("counts a question without an answer as wrong", async () => {
    const task = await mvbench.load(row({}), present);
    expect(task.aggregate(task.judge(new Map())).headline.value).toBe(0);
    expect(task.judge(new Map([["state_change_0", "(A) a"]]))[0]!.credit).toBe(1);
  });

  it("needs all twenty tasks unless fewer are asked for", async () => {
    await expect(mvbench.load(benchmark())).rejects.toThrow(
      /lists.*missing.*no action_prediction, .*tasks=present/s,
    );
    await expect(mvbench.load(scratchFolder(), present)).rejects.toThrow(/lists.*missing.*none/s);
  });

  it.each([
    ["an answer that is none of its candidates", { answer: "c" }, /answer is none of the candidates/],
    ["one candidate", { candidates: ["a"] }, /"candidates" is wrong.*2 to 26 texts/],
    ["a video that leaves its folder", { video: "../../x.mp4" }, /leaves its folder/],
    [
      "a part of a video that is not cut out",
      { start: 1.5, end: 3 },
      /not cut out.*branch "video".*from 1.5 s/s,
    ],
  ])("with %s is refused by its line", async (_, changed, message) => {
    await expect(mvbench.load(row(changed), present)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
    await expect(mvbench.load(row(changed), present)).rejects.toThrow(/state_change.json:1/);
  });
});
