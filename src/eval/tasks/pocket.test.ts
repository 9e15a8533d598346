import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { TaskPicture } from "../task.js";
import { taskFolder } from "../task-folder.js";
import { findTask, tasks } from "./registry.js";

const pocket = fileURLToPath(new URL("../../../benchmarks/pocket", import.meta.url));
const load = async (name: string) => findTask(name).load(await taskFolder(pocket, findTask(name)));
/** The benchmarks of pictures: of those of videos there is no pocket form. */
const ofPictures = tasks.filter(({ name }) => existsSync(join(pocket, name)));
const exists = (picture: TaskPicture | undefined) => "path" in picture! && existsSync(picture.path);

describe("the pocket benchmarks", () => {
  it.each([
    ["vqav2", 300, 100, 100],
    ["gqa", 300, 96, 100],
    ["textvqa", 300, 101, 150],
    ["pope", 900, 130, 50],
  ])("%s has %i questions, %i of them on small things, about %i pictures", async (name, count, small, pictures) => {
    const { questions } = await load(name);
    expect(questions).toHaveLength(count);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(count);
    expect(questions.filter(({ detail }) => detail === true)).toHaveLength(small);
    expect(questions.every(({ detail }) => detail !== undefined)).toBe(true);
    expect(new Set(questions.map(({ picture }) => picture!.name)).size).toBe(pictures);
    expect(questions.every(({ picture }) => exists(picture))).toBe(true);
    expect(
      questions.every(({ text }) => text.endsWith("\nAnswer the question using a single word or phrase.")),
    ).toBe(true);
  });

  it("textvqa asks with LLaVA's tokens what it asks with Rosetta's", async () => {
    const task = findTask("textvqa");
    const folder = await taskFolder(pocket, task);
    const [llava, rosetta] = await Promise.all([
      task.load(folder),
      task.load(folder, { prompt: "lmms_eval", ocr: "true" }),
    ]);
    const second = (text: string) => text.split("\n")[1];
    expect(rosetta.questions.map(({ text }) => second(text))).toEqual(
      llava.questions.map(({ text }) => second(text)),
    );
  });

  it("give each question its verdict, and do not care about the order of verdicts", async () => {
    for (const name of ["gqa", "pope"]) {
      const task = await load(name);
      const first = task.judge(new Map(task.questions.map(({ id }) => [id, "yes"])));
      const right = new Map(first.map(({ questions: [id], credit }) => [id, credit === 1 ? "yes" : "no"]));
      const verdicts = task.judge(right);
      expect(verdicts.map(({ questions }) => questions)).toEqual(task.questions.map(({ id }) => [id]));
      if (name === "pope") expect(task.aggregate(verdicts).headline.value).toBe(100);
      expect(task.aggregate([...verdicts].reverse())).toEqual(task.aggregate(verdicts));
    }
  });

  it.each(
    ofPictures.map(({ name }) => name),
  )("%s judges each question once, and none without an answer right", async (name) => {
    const task = await load(name);
    const verdicts = task.judge(new Map());
    expect(verdicts.flatMap(({ questions }) => questions).sort()).toEqual(
      task.questions.map(({ id }) => id).sort(),
    );
    expect(verdicts.filter(({ credit }) => credit !== 0)).toEqual([]);
    const { headline, scores } = task.aggregate(verdicts);
    expect(headline.value).toBe(0);
    expect(scores).toContainEqual(headline);
    expect(new Set(scores.map((score) => score.name)).size).toBe(scores.length);
  });

  it.each(
    ofPictures.map(({ name }) => name),
  )("%s says of all units about one picture that they belong together", async (name) => {
    const { questions, judge } = await load(name);
    const pictures = new Map(questions.map(({ id, picture }) => [id, picture?.name]));
    const clusters = new Map<string | undefined, Set<unknown>>();
    for (const { questions: ids, cluster } of judge(new Map())) {
      const picture = pictures.get(ids[0]) ?? ids[0];
      clusters.set(picture, (clusters.get(picture) ?? new Set()).add(cluster ?? ids));
    }
    expect([...clusters.values()].filter(({ size }) => size !== 1)).toEqual([]);
  });

  it("are found by name, and the nearest is told", () => {
    expect(tasks.map(({ name }) => findTask(name).name)).toEqual(tasks.map(({ name }) => name));
    expect(() => findTask("vqa2")).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/expected vqav2, gqa, .*found vqa2.*Did you mean vqav2\?/s),
      }),
    );
    expect(() => findTask("winoground")).toThrow(/no such task; expected [^?]*found winoground$/);
  });

  it("have rules that name what they know", async () => {
    for (const { name, options } of tasks) {
      const folder = await taskFolder(pocket, findTask(name));
      await expect(findTask(name).load(folder, { nonsense: "1" })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining(options.map((option) => option.name).join(", ")),
      });
    }
  });
});
