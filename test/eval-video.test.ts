import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "./support/checkpoint-folder.js";
import { judgeServer, predictionIn } from "./support/judge-server.js";
import { runInProcess } from "./support/run-in-process.js";

const temporary = mkdtempSync(join(tmpdir(), "prumerge-eval-video-"));
const model = join(temporary, "onevision");
const data = join(temporary, "data");
const set = join(data, "GPT_Zero_Shot_QA/Activitynet_Zero_Shot_QA");
/** An animation plays without ffmpeg, whatever it is called: a video is told by its bytes. */
const clips = { one: "anim.gif", two: "anim.webp" };

beforeAll(async () => {
  await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), model, { dtype: "fp32", workers: 0 });
  mkdirSync(join(set, "all_test"), { recursive: true });
  for (const [name, file] of Object.entries(clips))
    cpSync(goldenPath(`video_frames/clips/${file}`), join(set, "all_test", `v_${name}.mp4`));
  const rows = ["one", "one", "two", "three"].map((video, at) => ({
    video,
    id: `v_${video}_${at}`,
    type: at,
  }));
  const questions = rows.map(({ video, id }) => ({
    video_name: video,
    question: `what is ${id}`,
    question_id: id,
  }));
  writeFileSync(join(set, "test_q.json"), JSON.stringify(questions));
  const answers = rows.map(({ id, type }) => ({ answer: "dog", type, question_id: id }));
  writeFileSync(join(set, "test_a.json"), JSON.stringify(answers));
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const evaluate = (out: string, ...more: string[]) =>
  runInProcess([
    ...["eval", "activitynet-qa", "--data", data, "--model", model, "--out", join(temporary, out)],
    ...["--max-new-tokens", "2", ...more],
  ]);

describe("prumerge eval of videos", () => {
  it("refuses missing videos, or leaves them out and says so; asks of each video once for all of its questions", async () => {
    const refused = await evaluate("refused");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/v_three\.mp4.*--skip-missing/s);
    const words = ["--method", "none,uniform", "--visual-tokens", "65", "--skip-missing"];
    const { status, stdout, stderr } = await evaluate("run", ...words);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(
      /Note: activitynet-qa: 1 of 3 pictures or videos are not there .*; 1 questions are left out/,
    );
    expect(stdout).toMatch(/^activitynet-qa +uniform-65 .* 65\.0 +3$/m);
    const run = JSON.parse(readFileSync(join(temporary, "run/run.json"), "utf8"));
    expect(run.tasks[0]).toMatchObject({ available: 4, selected: 3, missing: { pictures: 1, questions: 1 } });
    const lines = readFileSync(join(temporary, "run/journal.jsonl"), "utf8").trim().split("\n").slice(1);
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ id, visualTokens }) => [id, visualTokens > 65])).toEqual([
      ["v_one_0", true],
      ["v_one_1", true],
      ["v_one_0", false],
      ["v_one_1", false],
      ["v_two_2", true],
      ["v_two_2", false],
    ]);
    expect(records.every(({ kind }) => kind === "answer")).toBe(true);
    const page = join(temporary, "report.md");
    const report = await runInProcess(["report", join(temporary, "run"), "-o", page, "--quiet"]);
    expect([report.status, report.stderr]).toEqual([0, ""]);
    expect(readFileSync(page, "utf8")).toContain("uniform 65");
  }, 120_000);

  it("has answers judged, keeps every judgement, and no score has them", async () => {
    const { url, requests } = await judgeServer(() => "{'pred': 'yes', 'score': 3}");
    const words = ["--method", "uniform", "--visual-tokens", "65,33", "--skip-missing"];
    const judge = ["--judge", url, "--judge-model", "tiny"];
    const { status, stdout, stderr } = await evaluate("judged", ...words, ...judge);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(
      /^activitynet-qa uniform-65: accuracy .*\n.*\nVideo-LLaVA +100.00 % +3.00 +3 +0 +3 of 3$/m,
    );
    expect(stdout).toContain("Not official numbers");
    const file = (name: string) => readFileSync(join(temporary, "judged", name), "utf8");
    const judged = JSON.parse(file("judged.json"));
    expect(judged.sets.map(({ configuration }: { configuration: string }) => configuration)).toEqual([
      "uniform-65",
      "uniform-33",
    ]);
    // What both say alike was asked once.
    expect(requests.length).toBe(file("judgements.jsonl").trim().split("\n").length - 1);
    expect(requests.length).toBeGreaterThanOrEqual(3);
    expect(requests.map(predictionIn)).not.toContain(undefined);
    expect(file("scores.json")).not.toMatch(/judge/);
    for (const name of ["report.md", "report.html"]) {
      const page = join(temporary, "judged", name);
      const report = await runInProcess(["report", join(temporary, "judged"), "-o", page, "--quiet"]);
      expect([report.status, report.stderr]).toEqual([0, ""]);
      const [, said] = readFileSync(page, "utf8").split("What a judge says: no official numbers");
      expect(said).toContain(
        `Judge: tiny at ${url}/chat/completions, served as tiny-0613; protocol video_llava`,
      );
      expect(said).toMatch(/uniform 65.*ActivityNet-QA.*tiny.*100\.0.*3\.00.*100\.0.*3 of 3.*0.*0/s);
    }
    const count = requests.length;
    expect((await evaluate("judged", ...words, ...judge)).status).toBe(0);
    expect(requests).toHaveLength(count);
  }, 120_000);

  it("is refused with a model that is shown none, before anything is asked", async () => {
    const words = ["eval", "activitynet-qa", "--data", data, "--out", join(temporary, "none")];
    const { status, stderr } = await runInProcess(words);
    expect(status).toBe(2);
    expect(stderr).toMatch(/activitynet-qa: this model is shown no video/);
  });
});
