import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkAnswers } from "../answers/check-answers.js";
import { readAnswers } from "../answers/given-answers.js";
import type { LoadedTask, Task } from "../task.js";
import { mmbench } from "./mmbench/mmbench.js";
import { mme } from "./mme/mme.js";
import { scienceqa } from "./scienceqa/scienceqa.js";

const pocket = (name: string) =>
  fileURLToPath(new URL(`../../../benchmarks/pocket/${name}`, import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(pocket(path), "utf8"));

describe("the pocket benchmarks of choices and of yes and no", () => {
  it("scienceqa: 250 questions about pictures and 50 others, all right with the data's own letters", async () => {
    const { questions, judge, aggregate } = await scienceqa.load(pocket("scienceqa"));
    const problems = json("scienceqa/problems.json");
    const right = new Map(questions.map(({ id }) => [id, "ABCDE"[problems[id].answer]]));
    const { headline, scores } = aggregate(judge(right));
    expect(headline).toMatchObject({ value: 100, count: 250 });
    expect(scores.find(({ name }) => name === "all")).toMatchObject({ value: 100, count: 300 });
    expect(questions.filter(({ detail }) => detail)).toHaveLength(120);
    const pictures = questions.flatMap(({ picture }) =>
      picture !== undefined && "path" in picture ? [picture.path] : [],
    );
    expect(pictures.filter((path) => existsSync(path))).toHaveLength(250);
  });

  it("scienceqa and mme: LLaVA's question files ask what the official files lead to", async () => {
    for (const [task, file] of [
      [scienceqa, "llava_test_CQM-A.json"],
      [mme, "llava_mme.jsonl"],
    ] as const) {
      const folder = await mkdtemp(join(tmpdir(), "pocket-"));
      await cp(pocket(task.name), folder, { recursive: true, filter: (path) => !path.endsWith(file) });
      const texts = (questions: readonly { id: string; text: string }[]) =>
        questions.map(({ id, text }) => `${id} ${text}`).sort();
      const built = await task.load(folder);
      expect(texts(built.questions)).toEqual(texts((await task.load(pocket(task.name))).questions));
      await rm(folder, { recursive: true });
    }
  });

  it("mme: seven subtasks of 22 pairs, 1200 points of perception for the right answers", async () => {
    const { questions, judge, aggregate } = await mme.load(pocket("mme"));
    expect(questions).toHaveLength(308);
    const always = new Map(questions.map(({ id }) => [id, "Yes"]));
    expect(aggregate(judge(always)).headline.value).toBe(300);
    const right = new Map(questions.map(({ id }) => [id, id.endsWith("#1") ? "Yes" : "No"]));
    const { headline, scores } = aggregate(judge(right));
    expect(headline.value).toBe(1200);
    expect(scores.find(({ name }) => name === "perception/possible")!.value).toBe(1200);
    expect(questions.filter(({ detail }) => detail)).toHaveLength(110);
    expect(
      questions.every(
        ({ picture }) => picture !== undefined && "path" in picture && existsSync(picture.path),
      ),
    ).toBe(true);
  });

  it("mmbench: a hundred questions, four of them with an option that stays in its place", async () => {
    const { questions, judge, aggregate } = await mmbench.load(pocket("mmbench"));
    const rows = judge(new Map()).map((verdict) => verdict.rows);
    expect(rows).toHaveLength(100);
    const four = questions.filter(
      ({ id, text }) => Number(id) < 1_000_000 && /\nD\. All of the above\n/.test(text),
    );
    const groups = new Map(judge(new Map()).map((verdict) => [verdict.questions[0], verdict.rows]));
    expect(four.map(({ id }) => groups.get(id))).toEqual([3, 3, 3, 3]);
    expect(aggregate(judge(new Map())).headline).toMatchObject({ value: 0, count: 100 });
    for (const { picture } of questions) {
      expect("bytes" in picture! && Buffer.from(picture.bytes.subarray(0, 2)).toString("hex")).toBe("ffd8");
    }
    expect(questions.filter(({ id, detail }) => Number(id) < 1_000_000 && detail)).toHaveLength(48);
  });

  it("refuse each other's answers", async () => {
    const fixture = (name: string) =>
      fileURLToPath(new URL(`../../../test/fixtures/eval/${name}`, import.meta.url));
    const all = [scienceqa, mme, mmbench] as const;
    for (const task of all) {
      const loaded: LoadedTask<never> = await (task as Task<never>).load(fixture(`${task.name}/data`));
      for (const other of all) {
        const given = await readAnswers(loaded, [fixture(`${other.name}/answers.jsonl`)]);
        const check = () => checkAnswers(loaded, given, { allowMissing: true });
        if (other === task) expect(check).not.toThrow();
        else expect(check).toThrow(/answers to unknown questions: .*answers\.jsonl:1/);
      }
    }
  });
});
