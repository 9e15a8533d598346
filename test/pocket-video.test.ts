import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createReducer, loadModel, openVideo } from "prumerge";
import { convert } from "prumerge/convert";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const clips = join(root, "benchmarks/pocket-video/GPT_Zero_Shot_QA/Activitynet_Zero_Shot_QA/all_test");
/** What the training code answers, in float32: made by make_answers.py beside it. */
const answers: { video: string; question: string; answer: string }[] = JSON.parse(
  readFileSync(join(root, "test/fixtures/pocket-video-llava/answers.json"), "utf8"),
);

it("the bundled model that watches answers as the training code does, unreduced", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-pocket-video-"));
  try {
    await convert(join(root, "models/pocket-video-llava/checkpoint"), folder, { dtype: "fp32", workers: 0 });
    await using model = await loadModel(folder);
    for (const video of new Set(answers.map((one) => one.video))) {
      const seen = await model.see(openVideo(join(clips, `v_${video}.webp`)), createReducer("none"));
      expect(seen.statistics.visualTokens).toBe(2056);
      for (const { question, answer } of answers.filter((one) => one.video === video)) {
        const { text } = await model.answer(seen, question, { maxNewTokens: 8 }).result;
        expect([question, text.trim()]).toEqual([question, answer]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
