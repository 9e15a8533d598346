import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openVideo } from "../../video/open-video.js";
import type { TaskPicture } from "../task.js";
import { taskFolder } from "../task-folder.js";
import { findTask } from "./registry.js";

const pocket = fileURLToPath(new URL("../../../benchmarks/pocket-video", import.meta.url));
const load = async (name: string) => findTask(name).load(await taskFolder(pocket, findTask(name)));
const pathOf = (picture: TaskPicture | undefined) => (picture as { path: string }).path;

describe("the pocket benchmarks of videos", () => {
  it.each([
    ["msvd-qa", 180, 60],
    ["msrvtt-qa", 180, 60],
    ["activitynet-qa", 240, 40],
    ["nextqa", 180, 60],
  ])("%s has %i questions about %i clips, which are read without ffmpeg", async (name, count, clips) => {
    const { questions } = await load(name);
    expect(questions).toHaveLength(count);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(count);
    const paths = new Set(questions.map(({ picture }) => pathOf(picture)));
    expect(paths.size).toBe(clips);
    expect([...paths].filter((path) => !existsSync(path) || !path.endsWith(".webp"))).toEqual([]);
    const video = openVideo([...paths][0]!);
    const { frames, total, indices } = await video.take({ rule: "linspace", count: 8 });
    expect([total, indices]).toEqual([8, [0, 1, 2, 3, 4, 5, 6, 7]]);
    expect(frames.map(({ width, height }) => [width, height])).toEqual(Array(8).fill([224, 224]));
  });

  it.each([
    ["msvd-qa", "MSVD"],
    ["msrvtt-qa", "MSRVTT"],
    ["activitynet-qa", "Activitynet"],
  ])("%s calls its own answers right, and the answers to the next question mostly wrong", async (name, set) => {
    const file = join(pocket, `GPT_Zero_Shot_QA/${set}_Zero_Shot_QA/test_a.json`);
    const rows: { question_id: string; answer: string }[] = JSON.parse(readFileSync(file, "utf8"));
    const task = await load(name);
    const headline = (answers: [string, string][]) =>
      task.aggregate(task.judge(new Map(answers))).headline.value;
    expect(headline(rows.map(({ question_id, answer }) => [question_id, answer]))).toBe(100);
    expect(headline(rows.map(({ question_id }, at) => [question_id, rows.at(at - 1)!.answer]))).toBeLessThan(
      20,
    );
  });

  it("activitynet-qa has all nine types, so that its program's printed figure is there", async () => {
    const task = await load("activitynet-qa");
    const { scores } = task.aggregate(task.judge(new Map()));
    expect(scores.map(({ name }) => name)).toContain("free-as-printed");
  });

  it("nextqa has its right options at every place equally often", async () => {
    const task = await load("nextqa");
    for (const letter of ["A", "B", "C", "D", "E"]) {
      const said = new Map(task.questions.map(({ id }) => [id, letter]));
      expect(task.aggregate(task.judge(said)).headline.value).toBe(20);
    }
  });
});
