import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scratchFolder, shortAnswers } from "../../../test/support/short-answers.js";
import { findTask } from "./registry.js";

const fixture = (name: string) =>
  ["gqa", "pope", "textvqa", "vqav2"].includes(name)
    ? join(shortAnswers, name)
    : fileURLToPath(new URL(`../../../test/fixtures/eval/${name}/data`, import.meta.url));

/** A copy of a benchmark's fixture without a folder for pictures. */
function copyOf(name: string): string {
  const data = join(scratchFolder(), name);
  cpSync(fixture(name), data, { recursive: true });
  return data;
}

describe("a benchmark's pictures", () => {
  it.each([
    ["vqav2", ["val2014", "images/val2014"]],
    ["gqa", ["data/images", "images"]],
    ["scienceqa", ["images/test", "test"]],
    ["textvqa", ["train_images", "train_val_images/train_images", "images"]],
    ["pope", ["val2014", "../vqav2/val2014", "../coco/val2014"]],
  ])("of %s are looked for in %j, the first that is there", async (name, places) => {
    const data = copyOf(name);
    const path = async () => {
      const { questions } = await findTask(name).load(data);
      const { picture } = questions.find((question) => question.picture !== undefined)!;
      return picture as { name: string; path: string };
    };
    const { name: picture } = await path();
    expect(await path()).toEqual({ name: picture, path: join(data, places[0], picture) });
    for (const place of [...places].reverse()) {
      mkdirSync(join(data, place), { recursive: true });
      expect(await path()).toEqual({ name: picture, path: join(data, place, picture) });
    }
  });
});

describe("a benchmark's files", () => {
  it.each(["data", "questions1.2", "."])("of GQA are found in %s", async (place) => {
    const data = copyOf("gqa");
    const name = "testdev_balanced_questions.json";
    const before = (await findTask("gqa").load(data)).questions;
    mkdirSync(join(data, place), { recursive: true });
    renameSync(join(data, "data/questions1.2", name), join(data, place, name));
    expect((await findTask("gqa").load(data)).questions).toEqual(before);
  });

  it.each([
    "MME_Benchmark_release_version/MME_Benchmark",
    "MME_Benchmark",
  ])("of MME are found in %s", async (place) => {
    const data = copyOf("mme");
    const before = (await findTask("mme").load(data)).questions;
    const release = join(data, "MME_Benchmark_release_version");
    const moved = join(data, "moved");
    renameSync(release, moved);
    rmSync(join(data, "eval_tool/Your_Results/count.txt")); // its questions are in the release folder, too
    mkdirSync(join(data, place, ".."), { recursive: true });
    renameSync(moved, join(data, place));
    const { questions } = await findTask("mme").load(data);
    expect(questions.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const { picture } = questions[0];
    expect(picture).toEqual({ name: picture!.name, path: join(data, place, picture!.name) });
  });
});
