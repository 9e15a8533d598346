import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFolder } from "./short-answers.js";

const recorded = fileURLToPath(new URL("../fixtures/goldens/video_scoring", import.meta.url));

/** A recorded file of the video_scoring family. */
// biome-ignore lint/suspicious/noExplicitAny: fixtures are as their scorers wrote them
export const recordedScores = (name: string): any => JSON.parse(readFileSync(join(recorded, name), "utf8"));

export interface AnswerRow {
  readonly question_id: string;
  readonly answer: string;
  readonly type?: number;
}

/** A benchmark's folder as Video-ChatGPT packs it, with empty videos, removed with the test. */
export function videoBenchmark(set: string, answers: readonly AnswerRow[], videos = "videos"): string {
  const data = scratchFolder();
  const folder = join(data, "GPT_Zero_Shot_QA", set);
  mkdirSync(join(folder, videos), { recursive: true });
  const questions = answers.map(({ question_id: id }) => ({
    video_name: videoOf(id),
    question: `what is asked as ${id}`,
    question_id: id,
  }));
  writeFileSync(join(folder, "test_q.json"), JSON.stringify(questions));
  writeFileSync(join(folder, "test_a.json"), JSON.stringify(answers));
  return data;
}

/** `v_NAME_3` is about NAME. */
function videoOf(id: string): string {
  return id.replace(/^v_/, "").replace(/_[0-9]+$/, "");
}
