import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgeServer, predictionIn } from "../support/judge-server.js";
import { runInProcess } from "../support/run-in-process.js";
import { videoBenchmark } from "../support/video-benchmark.js";

const rows = ["dog", "two", "red"].map((answer, at) => ({ question_id: `v_clip_${at}`, answer }));

function benchmark() {
  const data = videoBenchmark("MSVD_Zero_Shot_QA", rows);
  const answers = join(data, "answers.jsonl");
  const said = ["dog", "a pair", "blue"];
  writeFileSync(
    answers,
    rows.map(({ question_id }, at) => `${JSON.stringify({ question_id, text: said[at] })}\n`).join(""),
  );
  return { data, answers, journal: join(data, "judgements.jsonl") };
}

const score = ({ data, answers }: { data: string; answers: string }, ...more: string[]) =>
  runInProcess(["score", "msvd-qa", "--data", data, "--answers", answers, ...more]);

describe("prumerge score --judge", () => {
  it("prints the judge's word beside the score, calls it not official, and says what it cost", async () => {
    const files = benchmark();
    const { url, requests } = await judgeServer((request) =>
      predictionIn(request) === "blue" ? "{'pred': 'no', 'score': 0}" : "{'pred': 'yes', 'score': 4.8}",
    );
    const words = ["--judge", url, "--judge-model", "tiny", "--judge-journal", files.journal];
    const { status, stdout, stderr } = await score(files, ...words);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^overall +33.33 %/m);
    expect(stdout).toContain(
      `Judge: tiny at ${url}/chat/completions, served as tiny-0613; protocol video_llava\n`,
    );
    expect(stdout).toContain("Not official numbers");
    expect(stdout).toMatch(/^Video-LLaVA +66.67 % +2.67 +2 +1 +3 of 3$/m);
    expect(stdout).toMatch(/^lmms-eval +66.67 % +2.67 +2 +1 +3 of 3$/m);
    expect(stdout).toContain("3 requests, 0 of them repeated; 900 + 36 tokens, ");
    const again = await score(files, ...words, "--json");
    const { headline, scores, judged } = JSON.parse(again.stdout);
    expect(requests).toHaveLength(3);
    expect(headline.value).toBeCloseTo(100 / 3, 10);
    expect(JSON.stringify(scores)).not.toContain("66.");
    expect(judged.sets[0].summary.strict.videoLlava).toMatchObject({ yes: 2, no: 1 });
    expect(existsSync(`${files.journal}.lock`)).toBe(false);
    expect(readFileSync(files.journal, "utf8")).not.toContain("Bearer");
  });

  it("wants an address, a model, a journal and a task with open answers", async () => {
    const files = benchmark();
    for (const [words, message] of [
      [["--judge", "http://127.0.0.1:1/v1"], /no --judge-model/],
      [["--judge-model", "m"], /no --judge/],
      [["--judge", "http://127.0.0.1:1/v1", "--judge-model", "m"], /no --judge-journal/],
      [
        ["--judge", "nonsense", "--judge-model", "m", "--judge-journal", files.journal],
        /not the address of a judge/,
      ],
      [["--judge-journal", files.journal], /no --judge/],
    ] as const) {
      const { status, stderr } = await score(files, ...words);
      expect(status, stderr).toBe(2);
      expect(stderr).toMatch(message);
    }
    const judge = [
      "--judge",
      "http://127.0.0.1:1/v1",
      "--judge-model",
      "m",
      "--judge-journal",
      files.journal,
    ];
    const pope = ["score", "pope", "--data", "benchmarks/pocket", "--answers", files.answers, ...judge];
    expect((await runInProcess(pope)).status).toBe(2);
  });

  it("ends with status 1 where the judge refuses", async () => {
    const files = benchmark();
    const { url } = await judgeServer(() => ({ status: 401, body: "who are you" }));
    const words = ["--judge", url, "--judge-model", "tiny", "--judge-journal", files.journal];
    const { status, stderr } = await score(files, ...words);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the judge refuses to judge.*who are you/s);
  });
});
