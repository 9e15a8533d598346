import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { byClients } from "../../bench/support/serve-requests.js";
import { bundledCheckpoint } from "../../test/support/bundled.js";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { convert } from "../convert/convert.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";

interface Sample {
  readonly file: string;
  readonly questions: readonly { readonly question: string }[];
}

/** Every sample question, and what is said to it when nobody else asks. */
interface Asked {
  readonly url: string;
  readonly question: string;
  readonly answer: string;
}

let model: LoadedModel;
let server: TestServer;
const asked: Asked[] = [];
const parent = mkdtempSync(join(tmpdir(), "prumerge-batching-"));
const maxTokens = 12;

beforeAll(async () => {
  // In float32: rounded to 8 bits, what follows depends on how prompts are cut, which depends on who else asks.
  const folder = join(parent, "pocket-llava");
  await convert(bundledCheckpoint, folder, { dtype: "fp32", workers: 0 });
  model = await loadModel(folder, { keepCaches: 64, batch: { most: 16, bytes: 2 ** 28 } });
  const alone = await loadModel(folder);
  const samples: readonly Sample[] = JSON.parse(readFileSync(samplePath("samples.json"), "utf8"));
  for (const { file, questions } of samples) {
    const seen = await alone.see(samplePath(file));
    const url = sampleUrl(Number(/\d+/.exec(file)![0]) as 1);
    for (const { question } of questions.slice(0, 8)) {
      const messages = [
        {
          role: "user" as const,
          content: [{ type: "image" as const }, { type: "text" as const, text: question }],
        },
      ];
      const { text } = await alone.answer(seen, messages, { maxNewTokens: maxTokens, reusePrefix: false })
        .result;
      asked.push({ url, question, answer: text });
    }
  }
  await alone.dispose();
});
afterAll(async () => {
  await model?.dispose();
  rmSync(parent, { recursive: true });
});

const start = async (options: Parameters<typeof testServer>[1] = {}) => {
  server = await testServer(model, options);
  return server;
};
afterEach(() => server.close());

const requestOf = ({ url, question }: Pick<Asked, "url" | "question">, more: object = {}) => ({
  model: "pocket-llava",
  max_tokens: maxTokens,
  messages: [ask(question, url)],
  ...more,
});

async function answerTo(one: Parameters<typeof requestOf>[0], more: object = {}): Promise<string> {
  const response = await server.post("/v1/chat/completions", requestOf(one, more));
  const body = (await response.json()) as { choices?: { message: { content: string } }[]; error?: unknown };
  return body.choices?.[0]?.message.content ?? JSON.stringify(body.error);
}

/** So many of the questions, each asked about its own picture, by clients that do not wait for each other. */
async function askMany(clients: number, count: number) {
  return byClients(clients, count, async (at) => {
    const one = asked[(at * 7) % asked.length]!;
    return { one, answer: await answerTo(one) };
  });
}

async function expectOwn(answers: Promise<readonly { one: Asked; answer: string }[]>): Promise<void> {
  for (const { one, answer } of await answers) expect(answer, one.question).toBe(one.answer);
}

const idle = async () => {
  await expect.poll(() => server.services.gate.running).toBe(0);
  expect(server.services.gate.waiting).toBe(0);
};

describe("answers that share runs", () => {
  it("are each about its own picture, as when it is asked alone, however many ask", async () => {
    await start();
    expect(new Set(asked.map(({ answer }) => answer)).size).toBeGreaterThan(5);
    await expectOwn(askMany(12, 200));
    await idle();
    expect(model.prefixMemory.prompts).toBeLessThanOrEqual(64);
  });

  it("draw their words each with its own settings", async () => {
    await start();
    const one = asked[0]!;
    const vague = { url: one.url, question: "What is shown?" };
    const drawn = [1, 2, 3, 4, 5, 6, 7].map((seed) => ({
      temperature: 2,
      seed,
      prumerge: { remember: false },
    }));
    const expected: string[] = [];
    for (const settings of drawn) expected.push(await answerTo(vague, settings));
    expect(new Set(expected).size).toBeGreaterThan(3);
    const [others, again, biased] = await Promise.all([
      askMany(4, 24),
      Promise.all(drawn.map((settings) => answerTo(vague, settings))),
      answerTo(one, { logit_bias: { "20": 100 }, max_tokens: 3 }),
    ]);
    expect(others.every((other) => other.answer === other.one.answer)).toBe(true);
    expect([again, biased === one.answer]).toEqual([expected, false]);
  });

  it("are not touched by clients that leave, stop reading, send what is no picture or get to their limit", async () => {
    await start({ limits: { stalledMilliseconds: 300 } });
    const others = askMany(6, 60);
    const leaving = asked.slice(0, 6).map(async (one, at) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 10 + 25 * at);
      const body = requestOf(one, { stream: true, max_tokens: 200, logit_bias: { "2": -100 } });
      await server.post("/v1/chat/completions", body, { signal: controller.signal }).then(
        (answer) => answer.text().catch(() => undefined),
        () => undefined,
      );
    });
    const { port } = server;
    const deaf = connect(port, "127.0.0.1");
    const body = JSON.stringify(requestOf(asked[1]!, { stream: true, max_tokens: 500 }));
    deaf.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    deaf.pause();
    const damaged = `data:image/png;base64,${Buffer.from("no picture").toString("base64")}`;
    const refused = await server.post("/v1/chat/completions", requestOf({ url: damaged, question: "What?" }));
    expect(refused.status).toBe(400);
    const short = await server.post("/v1/chat/completions", requestOf(asked[2]!, { max_tokens: 1 }));
    expect(await short.json()).toMatchObject({ usage: { completion_tokens: 1 } });
    await expectOwn(others);
    await Promise.all(leaving);
    deaf.destroy();
    await idle();
    await expectOwn(askMany(4, 8));
  });

  it("are answered or refused, whichever of a thousand connections they come by", async () => {
    await start({ limits: { running: 16, waiting: 24, headersMilliseconds: 60_000, connections: 2048 } });
    const question = {
      model: "pocket-llava",
      max_tokens: 1,
      messages: [{ role: "user", content: "Hello?" }],
    };
    // On a busy machine some have no connection before this side gives up.
    const refused = 429;
    const crowd = Array.from({ length: 1000 }, () =>
      server.post("/v1/chat/completions", question).then(
        ({ status, body }) => {
          body?.cancel();
          return status;
        },
        () => refused,
      ),
    );
    const statuses = await Promise.all(crowd);
    expect([...new Set(statuses)].sort()).toEqual([200, refused]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(16);
    await idle();
    await expectOwn(askMany(4, 8));
  });

  it("end in their time when the server is told to end", async () => {
    await start();
    const going = asked.slice(0, 8).map(async (one) => ({ one, answer: await answerTo(one) }));
    await expect.poll(() => server.services.gate.running).toBeGreaterThan(3);
    const drained = server.drain();
    // Those that had come no further than to a connection are not taken any more, or told so.
    const ended = (await Promise.allSettled(going)).flatMap((one) =>
      one.status === "fulfilled" && !one.value.answer.includes("shutting_down") ? [one.value] : [],
    );
    expect(ended.length).toBeGreaterThan(3);
    await expectOwn(Promise.resolve(ended));
    await drained;
    await idle();
  });
});
