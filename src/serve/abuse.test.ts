import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { endlessModel } from "../../test/support/endless-model.js";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { PrumergeError } from "../errors.js";
import type { LoadedModel } from "../model/model.js";
import type { Backend, BackendRequest, BackendResult } from "./backend/backend.js";
import { LocalBackend } from "./backend/local.js";
import { defaultLimits } from "./limits.js";

let model: LoadedModel;
beforeAll(async () => {
  model = await endlessModel();
});
afterAll(() => model.dispose());

const open: TestServer[] = [];
const start = async (
  ...args: Parameters<typeof testServer> extends [unknown, (infer Options)?] ? [Options] : never
) => {
  const server = await testServer(model, args[0]);
  open.push(server);
  return server;
};
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const question = { model: "pocket-llava", messages: [{ role: "user", content: "Hello?" }] };
const long = { max_tokens: 1500 };
const tick = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean, most = 30_000): Promise<number> {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > most) throw new Error("it did not come about");
    await tick(2);
  }
  return performance.now() - begun;
}

/** A language model that is done when the test says so. */
class HeldBackend implements Backend {
  readonly kind = "local";
  readonly asked: { request: BackendRequest; signal: AbortSignal; finish: (error?: unknown) => void }[] = [];

  async rowChoices() {
    return { positions: [], bias: false };
  }

  answer(request: BackendRequest, signal: AbortSignal) {
    const result = new Promise<BackendResult>((resolve, reject) => {
      const done: BackendResult = {
        text: "Hello.",
        finishReason: "stop",
        promptTokens: 3,
        completionTokens: 2,
        cachedTokens: 0,
        prefill: 1,
        firstToken: 1,
        perToken: 1,
        keyValueBytes: 24,
        seed: undefined,
      };
      const finish = (error?: unknown) => (error === undefined ? resolve(done) : reject(error));
      this.asked.push({ request, signal, finish });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    result.catch(() => undefined);
    async function* texts() {
      yield (await result).text;
    }
    return { texts: texts(), result };
  }

  async ready() {
    return true;
  }

  async close() {}
}

/** Says its first word at once. */
class SpeakingBackend extends HeldBackend {
  override answer(request: BackendRequest, signal: AbortSignal) {
    const { result } = super.answer(request, signal);
    async function* texts() {
      yield "Hello";
      await result;
    }
    return { texts: texts(), result };
  }
}

/** Says nothing, also when it is ended: as the model's own, whose texts then end. */
class SilentBackend extends HeldBackend {
  override answer(request: BackendRequest, signal: AbortSignal) {
    const { result } = super.answer(request, signal);
    async function* texts(): AsyncGenerator<string> {
      await result.catch(() => undefined);
    }
    return { texts: texts(), result };
  }
}

/** The model's own, which tells how long an answer goes on after its client has gone, beyond the step under way. */
class TimedBackend extends LocalBackend {
  readonly late: number[] = [];

  constructor() {
    super(model, defaultLimits);
  }

  override answer(request: BackendRequest, signal: AbortSignal) {
    const answer = super.answer(request, signal);
    let gone = 0;
    let longest = 0;
    let before = performance.now();
    signal.addEventListener("abort", () => {
      gone = performance.now();
    });
    const timed = async function* () {
      for await (const text of answer.texts) {
        const now = performance.now();
        longest = Math.max(longest, now - before);
        before = now;
        yield text;
      }
    };
    answer.result.catch(() => this.late.push(performance.now() - gone - longest));
    return { texts: timed(), result: answer.result };
  }
}

describe("too many requests", () => {
  it("wait in their order up to a number, and are told to come again beyond it", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { running: 2, waiting: 3 } });
    const answers = Array.from({ length: 5 }, () => server.post("/v1/chat/completions", question));
    await until(() => backend.asked.length === 2 && server.services.gate.waiting === 3);
    const refused = await server.post("/v1/chat/completions", question);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error: { code: "server_busy", type: "rate_limit_error" } });
    for (let done = 0; done < 5; done++) {
      await until(() => backend.asked.length > done);
      backend.asked[done]!.finish();
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(server.services.gate.running).toBe(0);
  });

  it("are what OpenAI's client tries again by itself", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { running: 1, waiting: 0 } });
    const first = server.post("/v1/chat/completions", question);
    await until(() => backend.asked.length === 1);
    const second = server.client.chat.completions.create(question as never, { maxRetries: 2 });
    await until(() => server.lines.some((line) => line.includes('"status":429')));
    backend.asked[0]!.finish();
    await until(() => backend.asked.length === 2);
    backend.asked[1]!.finish();
    expect((await second).choices[0]!.message.content).toBe("Hello.");
    expect((await first).status).toBe(200);
  });

  it("are bounded by the bytes of their bodies as well", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { bodyBytes: 10_000, heldBytes: 12_000 } });
    const large = {
      ...question,
      user: "x".repeat(500),
      messages: [{ role: "user", content: "x".repeat(8000) }],
    };
    const first = server.post("/v1/chat/completions", large);
    await until(() => backend.asked.length === 1);
    const refused = await server.post("/v1/chat/completions", large);
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([429, true]);
    backend.asked[0]!.finish();
    expect((await first).status).toBe(200);
    const third = server.post("/v1/chat/completions", large);
    await until(() => backend.asked.length === 2);
    backend.asked[1]!.finish();
    expect((await third).status).toBe(200);
  });

  it("are bounded by them also while bodies in chunks are still coming", async () => {
    const server = await start({ limits: { bodyBytes: 10_000, heldBytes: 12_000 } });
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    socket.write(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n     \r\n`);
    const status = async () => {
      const answer = await server.post("/v1/chat/completions", { ...question, user: "x".repeat(4000) });
      return answer.status;
    };
    await vi.waitFor(async () => expect(await status()).toBe(429), 5000);
    socket.destroy();
    await vi.waitFor(async () => expect(await status()).toBe(400), 5000); // `user` is too long
  });

  it("are not those without a body, however large one may be", async () => {
    const server = await start({ limits: { bodyBytes: 20_000, heldBytes: 12_000 } });
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(200);
  });
});

describe("a client that goes away", () => {
  /** Sends the beginning of a request and leaves the socket open. */
  function begin(server: TestServer, body: string, length = body.length): Promise<Socket> {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const head = [
      "POST /v1/chat/completions HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      `Content-Length: ${length}`,
    ];
    return new Promise((resolve) =>
      socket.write(`${head.join("\r\n")}\r\n\r\n${body}`, () => resolve(socket)),
    );
  }

  it("in the middle of its upload leaves nothing behind", async () => {
    const server = await start({});
    const socket = await begin(server, '{"model": "pocket-llava", ', 5000);
    await tick(50);
    socket.destroy();
    await until(() => server.lines.some((line) => line.includes('"status":499')));
    expect(server.services.gate.running).toBe(0);
    expect((await server.post("/v1/chat/completions", { ...question, max_tokens: 1 })).status).toBe(200);
  });

  it("while it waits leaves the line", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { running: 1, waiting: 5 } });
    const first = server.post("/v1/chat/completions", question);
    await until(() => backend.asked.length === 1);
    const socket = await begin(server, JSON.stringify(question));
    await until(() => server.services.gate.waiting === 1);
    socket.destroy();
    await until(() => server.services.gate.waiting === 0);
    backend.asked[0]!.finish();
    expect((await first).status).toBe(200);
    expect(backend.asked.length).toBe(1);
  });

  it("while its picture is encoded gives its slot back after that step", async () => {
    const server = await start({});
    const messages = [ask("What are these?", ...([1, 2, 3, 5] as const).map(sampleUrl))];
    const socket = await begin(
      server,
      JSON.stringify({ ...question, messages, prumerge: { method: "none" } }),
    );
    await until(() => server.services.gate.running === 1);
    const encode = (await model.see(new Uint8Array(Buffer.from(sampleUrl(2).split(",")[1]!, "base64"))))
      .statistics;
    socket.destroy();
    const freed = await until(() => server.services.gate.running === 0);
    expect(freed).toBeLessThan(100 + 4 * encode.encodeMilliseconds + 200);
    expect(server.services.sight.memory.pictures).toBeLessThan(4);
  });

  it("in the middle of its answer gives its slot back within 100 ms of the step", async () => {
    const backend = new TimedBackend();
    const server = await start({ backend });
    const alone = await server.client.chat.completions.create({
      ...question,
      seed: 1,
      max_tokens: 8,
    } as never);
    const controller = new AbortController();
    const stream = await server.client.chat.completions.create(
      { ...question, ...long, stream: true } as never,
      { signal: controller.signal },
    );
    let pieces = 0;
    const reading = (async () => {
      for await (const _ of stream as unknown as AsyncIterable<unknown>) {
        if (++pieces < 5) continue;
        expect(server.services.gate.running).toBe(1);
        controller.abort();
        await until(() => server.services.gate.running === 0);
        break;
      }
    })();
    await reading.catch(() => undefined);
    expect(pieces).toBeGreaterThanOrEqual(5);
    expect(backend.late.length).toBe(1);
    expect(backend.late[0]).toBeLessThan(100);
    const again = await server.client.chat.completions.create({
      ...question,
      seed: 1,
      max_tokens: 8,
    } as never);
    expect(again.choices[0]!.message.content).toBe(alone.choices[0]!.message.content);
    await until(() => server.lines.some((line) => line.includes('"status":499')));
  });

  it("without a stream is noticed as well", async () => {
    const backend = new TimedBackend();
    const server = await start({ backend });
    const socket = await begin(server, JSON.stringify({ ...question, ...long }));
    await until(() => server.services.gate.running === 1);
    await tick(30);
    socket.destroy();
    await until(() => server.services.gate.running === 0);
    expect(backend.late[0]).toBeLessThan(100);
  });

  it("and comes slowly is cut off: headers, body, and reading", async () => {
    const limits = { headersMilliseconds: 300, bodyMilliseconds: 600, stalledMilliseconds: 300 };
    const server = await start({ limits });
    const closed = (socket: Socket) =>
      new Promise<void>((resolve) => socket.on("close", () => resolve()).resume());
    const silent = connect(server.port, "127.0.0.1");
    silent.on("error", () => undefined).write("POST /v1/chat/completions HTTP/1.1\r\nHost: local");
    await closed(silent);
    await closed(await begin(server, '{"model":', 5000));
    expect(server.services.gate.running).toBe(0);
  });

  it("may not send endless headers, nor open endless connections", async () => {
    const server = await start({ limits: { connections: 3 } });
    const headers = connect(server.port, "127.0.0.1");
    let answer = "";
    headers
      .on("error", () => undefined)
      .on("data", (data) => {
        answer += data;
      });
    headers.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    await until(() => headers.closed);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    const sockets = Array.from({ length: 6 }, () => connect(server.port, "127.0.0.1"));
    for (const socket of sockets) socket.on("error", () => undefined).resume();
    await until(() => sockets.filter(({ closed }) => closed).length === 3);
    for (const socket of sockets) socket.destroy();
    await until(() => sockets.every(({ closed }) => closed));
    const free = () => fetch(`${server.url}/healthz`).then(({ status }) => status);
    await vi.waitFor(async () => expect(await free()).toBe(200), 5000); // it hears of an end a little later
  });

  it("that reads nothing of a long answer is cut off", async () => {
    const server = await start({
      limits: { stalledMilliseconds: 200, running: 64, bodyMilliseconds: 60_000 },
    });
    // 40 unread answers of a megabyte and more in one connection: more than sockets hold back.
    const body = JSON.stringify({
      image_url: { url: sampleUrl(2) },
      inspect: true,
      prumerge: { method: "none" },
    });
    const head = `POST /v1/visual-tokens HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined).pause();
    socket.write((head + body).repeat(40));
    await until(() => server.lines.some((line) => line.includes('"status":499')), 20_000);
    socket.destroy();
  });
});

describe("a request that takes too long", () => {
  it("is ended", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { requestMilliseconds: 100 } });
    const answer = await server.post("/v1/chat/completions", question);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "timeout" } });
    expect(server.services.gate.running).toBe(0);
  });

  it("is ended with a status where its stream has not begun", async () => {
    const backend = new SilentBackend();
    const server = await start({ backend, limits: { requestMilliseconds: 100 } });
    const answer = await server.post("/v1/chat/completions", { ...question, stream: true });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "timeout" } });
  });

  it("says so in its stream where that has begun", async () => {
    const server = await start({ limits: { requestMilliseconds: 700 } });
    const answer = await server.post("/v1/chat/completions", { ...question, ...long, stream: true });
    const events = (await answer.text()).trim().split("\n\n");
    expect(events.at(-1)).toMatch(/^data: \{"error":\{"message":"The request took too long/);
    expect(server.services.gate.running).toBe(0);
  });
});

describe("an answer without a word", () => {
  it("is an answer, streamed as well", async () => {
    const backend = new SilentBackend();
    const server = await start({ backend });
    const answer = server.post("/v1/chat/completions", { ...question, stream: true });
    await until(() => backend.asked.length === 1);
    backend.asked[0]!.finish();
    expect((await answer).status).toBe(200);
    expect(await (await answer).text()).toMatch(/"finish_reason":"stop".*\n\ndata: \[DONE\]/);
  });
});

describe("a request that fails in the model", () => {
  it("tells nothing of the machine, and leaves the next one untouched", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend });
    const failure = new PrumergeError("RUNTIME", "ONNX Runtime failed to run a graph", {
      where: "/secret/folder/decoder.onnx",
      found: "bad allocation at /secret/x.cc:12",
    });
    const failing = server.post("/v1/chat/completions", question);
    await until(() => backend.asked.length === 1);
    backend.asked[0]!.finish(failure);
    const answer = await failing;
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { type: "server_error", code: "internal" } });
    expect(text + server.lines.join("")).not.toMatch(/secret|\.cc|decoder/);
    const next = server.post("/v1/chat/completions", question);
    await until(() => backend.asked.length === 2);
    backend.asked[1]!.finish();
    expect((await next).status).toBe(200);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it("again and again makes the server unwell, until something works", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend });
    const health = async () => [
      (await fetch(`${server.url}/healthz`)).status,
      (await fetch(`${server.url}/readyz`)).status,
    ];
    for (let time = 0; time < 4; time++) {
      const answer = server.post("/v1/chat/completions", question);
      await until(() => backend.asked.length === time + 1);
      const fails = time < 3;
      backend.asked[time]!.finish(
        fails ? new PrumergeError("RUNTIME", "the engine's worker ended") : undefined,
      );
      expect((await answer).status).toBe(fails ? 500 : 200);
      if (time === 2) expect(await health()).toEqual([503, 503]);
    }
    expect(await health()).toEqual([200, 200]);
  });
});

describe("shutting down", () => {
  it("lets what is under way end, and takes nothing new", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend });
    const answer = server.post("/v1/chat/completions", question);
    await until(() => backend.asked.length === 1);
    const drained = server.drain();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    backend.asked[0]!.finish();
    const done = await answer;
    expect([done.status, done.headers.get("connection")]).toEqual([200, "close"]);
    const finished = performance.now();
    await drained;
    expect(performance.now() - finished).toBeLessThan(5000); // and not all of the time that it might take
  });

  it("refuses what comes on a connection whose answer had begun, and ends that too", async () => {
    const backend = new SpeakingBackend();
    const server = await start({ backend });
    const socket = connect(server.port, "127.0.0.1");
    let read = "";
    socket.on("error", () => undefined).setEncoding("utf8");
    socket.on("data", (piece) => {
      read += piece;
    });
    const send = (body: object) => {
      const text = JSON.stringify(body);
      const head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
      socket.write(`${head}\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    };
    send({ ...question, stream: true });
    await until(() => read.includes("Hello"));
    const drained = server.drain();
    send(question);
    await tick(50);
    backend.asked[0]!.finish();
    await until(() => socket.closed);
    const [, refused] = read.split("[DONE]");
    expect(refused).toMatch(/HTTP\/1.1 503 /);
    expect(refused).toMatch(/connection: close/i);
    expect(refused).toMatch(/shutting_down/);
    expect(backend.asked.length).toBe(1);
    await drained;
  });

  it("waits for no connection that has become idle", async () => {
    const backend = new SpeakingBackend();
    const server = await start({ backend });
    const answer = await server.post("/v1/chat/completions", { ...question, stream: true });
    const drained = server.drain();
    backend.asked[0]!.finish();
    expect(await answer.text()).toMatch(/\[DONE\]/);
    const finished = performance.now();
    await drained;
    expect(performance.now() - finished).toBeLessThan(5000);
  });

  it("ends what does not end in time", async () => {
    const backend = new HeldBackend();
    const server = await start({ backend, limits: { drainMilliseconds: 100 } });
    const answer = server.post("/v1/chat/completions", question).then(
      ({ status }) => status,
      () => "cut",
    );
    await until(() => backend.asked.length === 1);
    await server.drain();
    expect([503, "cut"]).toContain(await answer);
    expect(backend.asked[0]!.signal.aborted).toBe(true);
  });
});
