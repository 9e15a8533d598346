import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type JudgeRequest,
  type JudgeSaying,
  judgeServer,
  predictionIn,
} from "../../../test/support/judge-server.js";
import { scratchFolder } from "../../../test/support/short-answers.js";
import { recordedScores } from "../../../test/support/video-benchmark.js";
import { completionsUrl, type JudgeEndpoint } from "./endpoint.js";
import { judgeSets, type SetToJudge } from "./judge-sets.js";
import type { Json } from "./literal-json.js";

type Say = (request: JudgeRequest, count: number) => JudgeSaying;

function setOf(predictions: readonly string[], configuration = "none"): SetToJudge {
  const ids = predictions.map((_, at) => `q${at}`);
  return {
    task: "msvd-qa",
    configuration,
    questions: ids.map((id) => ({ id, picture: undefined, text: id, maxNewTokens: 8, detail: undefined })),
    references: new Map(ids.map((id) => [id, { question: `why ${id}`, answer: "dog" }])),
    answers: new Map(predictions.map((text, at) => [ids[at]!, text])),
  };
}

async function judge(
  say: Say,
  sets: readonly SetToJudge[],
  more: Partial<JudgeEndpoint> & {
    journal?: string;
    attempts?: number;
    parallel?: number;
    signal?: AbortSignal;
  } = {},
) {
  const { url, requests } = await judgeServer(say);
  const {
    journal = join(scratchFolder(), "judgements.jsonl"),
    attempts = 3,
    parallel = 3,
    signal,
    ...rest
  } = more;
  const endpoint = { url: completionsUrl(url), model: "judge", protocol: "video_llava", ...rest } as const;
  const settings = { endpoint, attempts, parallel, signal: signal ?? new AbortController().signal };
  const run = () => judgeSets(sets, journal, settings);
  const lines = () =>
    readFileSync(journal, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { run, requests, lines };
}

const yes = "{'pred': 'yes', 'score': 4}";

/** As Python writes it. */
function pythonText(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${pythonText(one)}`)
    .join(", ")}}`;
}

describe("judging answers", () => {
  it("gives the totals that the official programs print of the same judgements", async () => {
    const all: { judgements: Json[]; video_llava: Record<string, number | null> }[] =
      recordedScores("judge-totals-s.json");
    const recorded = all.filter(({ video_llava: { yes: count } }) => count !== null);
    expect(recorded.length).toBeGreaterThan(5);
    const sets = recorded.map(({ judgements }, at) =>
      setOf(
        judgements.map((_, row) => `${at}/${row}`),
        `c${at}`,
      ),
    );
    const { run } = await judge(
      (request) => {
        const [set, row] = predictionIn(request).split("/").map(Number);
        return pythonText(recorded[set!]!.judgements[row!]!);
      },
      sets,
      { parallel: 16 },
    );
    const judged = await run();
    expect(judged.sets.map(({ summary }) => summary!.strict.videoLlava)).toEqual(
      recorded.map(({ video_llava: one }) => ({
        ...{ yes: one.yes, no: one.no, accuracy: one.accuracy, averageScore: one.average_score },
      })),
    );
  });

  it("sends the official request, the key as a bearer token, and nothing else but what the protocol says", async () => {
    const { run, requests } = await judge(() => yes, [setOf(["cat"])], { key: "secret" });
    await run();
    expect(requests).toHaveLength(1);
    const [{ path, headers, body }] = requests as [JudgeRequest];
    expect(path).toBe("/v1/chat/completions");
    expect(headers.authorization).toBe("Bearer secret");
    expect(Object.keys(body).sort()).toEqual(["messages", "model"]);
    expect(body.messages[1]!.content).toContain(
      "Question: why q0\nCorrect Answer: dog\nPredicted Answer: cat\n\n",
    );
    const other = await judge(() => yes, [setOf(["cat"])], { protocol: "lmms_eval" });
    await other.run();
    expect(other.requests[0]!.body).toMatchObject({ temperature: 0, max_tokens: 64 });
  });

  it("asks again for what cannot be read, so often and no more, and reads the first reply tolerantly", async () => {
    const { run, lines } = await judge(
      (request, count) => {
        const text = predictionIn(request);
        return text === "never" ? `Sure: ${yes}` : count < 3 ? "```\n{'pred': 'no', 'score': 1}\n```" : yes;
      },
      [setOf(["later", "never"])],
      { parallel: 1 },
    );
    const { summary } = (await run()).sets[0]!;
    expect(summary!.strict).toMatchObject({ read: 1, videoLlava: { yes: 1, no: 0, averageScore: 4 } });
    expect(summary!.tolerant).toEqual({ read: 2, yes: 1, accuracy: 0.5, averageScore: 2.5 });
    expect(summary!.cost).toMatchObject({
      requests: 6,
      repeated: 4,
      promptTokens: 1800,
      completionTokens: 72,
    });
    expect(summary!.served).toEqual(["judge-0613"]);
    expect(lines().map(({ kind, replies }) => [kind, replies?.length])).toEqual([
      [undefined, undefined],
      ["judgement", 3],
      ["judgement", 3],
    ]);
  });

  it("waits out a busy server, and counts what brought no reply", async () => {
    const { run, lines } = await judge(
      (request, count) => {
        if (predictionIn(request) === "refused") return { status: 400, body: "content policy" };
        return count < 3 ? { status: 429, headers: { "retry-after": "0.01" } } : yes;
      },
      [setOf(["busy", "refused"])],
      { parallel: 1 },
    );
    const { summary } = (await run()).sets[0]!;
    expect(summary).toMatchObject({ answers: 2, failed: 1, strict: { read: 1 }, cost: { requests: 4 } });
    expect(lines()[2]).toMatchObject({
      kind: "failure",
      refusals: ["HTTP 400: content policy"],
      replies: [],
    });
  });

  it("goes on where it ended, asks failures again, and an answer of two configurations once", async () => {
    const journal = join(scratchFolder(), "judgements.jsonl");
    const sets = [setOf(["a", "b", "c"], "none"), setOf(["a", "b", "d"], "prumerge-64")];
    let isUp = false;
    const { url, requests } = await judgeServer((request) => {
      const text = predictionIn(request);
      if (isUp || text < "c") return yes;
      return text === "c" ? { status: 400 } : { status: 401, body: "no" };
    });
    const endpoint = { url: completionsUrl(url), model: "judge", protocol: "video_llava" } as const;
    const settings = { endpoint, attempts: 1, parallel: 1, signal: new AbortController().signal };
    await expect(judgeSets(sets, journal, settings)).rejects.toMatchObject({
      code: "NETWORK",
      message: expect.stringMatching(/refuses to judge.*HTTP 401: no/s),
    });
    isUp = true;
    const judged = await judgeSets(sets, journal, settings);
    expect(requests.map(predictionIn)).toEqual(["a", "b", "c", "d", "c", "d"]);
    expect(judged.sets.map(({ summary }) => summary!.strict.read)).toEqual([3, 3]);
    expect(judged.cost).toMatchObject({ requests: 4, repeated: 0 });
    expect(await judgeSets(sets, journal, settings)).toEqual(judged);
    expect(requests).toHaveLength(6);
  });

  it("gives up where nothing answers, and keeps what it has", async () => {
    const journal = join(scratchFolder(), "judgements.jsonl");
    const { run, lines } = await judge(
      (_, count) => (count === 1 ? yes : { status: 500, body: "broken" }),
      [setOf(Array.from({ length: 30 }, (_, at) => `${at}`))],
      { journal, attempts: 1, parallel: 1 },
    );
    await expect(run()).rejects.toMatchObject({
      code: "NETWORK",
      message: expect.stringMatching(/10 answers in a row without one; last: HTTP 500: broken/),
    });
    expect(lines()).toHaveLength(12);
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const { run, lines } = await judge(
      (_, count) => {
        if (count === 2) stop.abort(new Error("enough"));
        return yes;
      },
      [setOf(["a", "b", "c", "d"])],
      { parallel: 1, signal: stop.signal },
    );
    await expect(run()).rejects.toThrow("enough");
    expect(lines()).toHaveLength(2);
  });

  it("follows no redirect, and takes no answer without an end", async () => {
    const elsewhere = await judgeServer(() => yes);
    const { run, lines } = await judge(
      (request) =>
        predictionIn(request) === "moved"
          ? { status: 307, headers: { location: `${elsewhere.url}/chat/completions` } }
          : { status: 200, body: "x".repeat(2 ** 21) },
      [setOf(["moved", "endless"])],
      { attempts: 1, parallel: 1 },
    );
    expect((await run()).sets[0]!.summary).toMatchObject({ failed: 2 });
    expect(elsewhere.requests).toHaveLength(0);
    expect(lines()[2].refusals[0]).toMatch(/more than 1048576 bytes/);
  });
});

describe("a judge's address", () => {
  it("is a base or the completions themselves", () => {
    for (const text of [
      "http://127.0.0.1:8000/v1",
      "http://127.0.0.1:8000/v1/",
      "http://127.0.0.1:8000/v1/chat/completions",
    ])
      expect(completionsUrl(text)).toBe("http://127.0.0.1:8000/v1/chat/completions");
  });

  it("is refused where it is none, and with a key over plain http elsewhere", () => {
    for (const text of ["judge", "ftp://a/v1", "http://user:pass@a/v1", "http://a/v1?key=1", "file:///etc"])
      expect(() => completionsUrl(text)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(() => completionsUrl("http://judge.example/v1", "k")).toThrow(/plain http/);
    expect(completionsUrl("https://judge.example/v1", "k")).toContain("https://judge.example");
    expect(completionsUrl("http://localhost:1/v1", "k")).toContain("localhost");
  });
});
