import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sampleUrl, type TestServer, testServer } from "../../../test/support/serve.js";
import {
  type Exchange,
  exchanges,
  refusals,
  rowCounts,
  type StandIn,
  vllmStandIn,
} from "../../../test/support/vllm-stand-in.js";
import { loadModel } from "../../model/load-model.js";
import type { LoadedModel } from "../../model/model.js";
import { defaultLimits } from "../limits.js";
import type { Info } from "../schema/info.js";
import { VllmBackend, type VllmOptions } from "./vllm.js";

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});
afterAll(() => model.dispose());

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

/** A server in front of a stand-in for vLLM. */
async function tier(
  standInOptions: Parameters<typeof vllmStandIn>[0] = {},
  options: Partial<VllmOptions> = {},
): Promise<{ server: TestServer; vllm: StandIn }> {
  const vllm = await vllmStandIn(standInOptions);
  const backend = new VllmBackend({
    url: vllm.url,
    model: "pocket-llava",
    limits: defaultLimits,
    ...options,
  });
  const server = await testServer(model, { backend });
  closing.push(vllm, server);
  return { server, vllm };
}

/** What a client asks to make the server ask what was recorded. */
function clientRequest({ request }: Exchange): Record<string, unknown> & { messages: unknown } {
  const {
    messages,
    stream_options: _usage,
    stream: _stream,
    add_special_tokens: _adds,
    ...rest
  } = request.body;
  const pictures = [3, 1, 2, 5] as const;
  let next = 0;
  const [rows] = rowCounts(request.body);
  return {
    ...rest,
    messages: messages.map(({ role, content }) => ({
      role,
      content: Array.isArray(content)
        ? content.map((part) =>
            part.type === "image_embeds"
              ? { type: "image_url", image_url: { url: sampleUrl(pictures[next++ % 4]!) } }
              : part,
          )
        : content,
    })),
    ...(rows !== undefined && { prumerge: { visual_tokens: rows } }),
  };
}

/** What the recorded stream says, put together. */
function recordedAnswer({ response }: Exchange) {
  const chunks = response.body
    .split("\n\n")
    .filter((event) => event !== "" && !event.includes("[DONE]"))
    .map((event) => JSON.parse(event.slice("data: ".length)));
  return {
    text: chunks
      .map(({ choices }) => choices[0]?.delta.content ?? "")
      .join("")
      .trim(),
    finish: chunks.map(({ choices }) => choices[0]?.finish_reason).find((reason) => reason != null),
    usage: chunks.at(-1).usage,
  };
}

const answered = exchanges.filter(({ response }) => response.status === 200);
const named = (name: string) => exchanges.find((exchange) => exchange.name === name)!;

/** Brings vLLM to the prefill of a prompt with 64 rows; the result lets its client go away. */
async function prefillOf64Rows({ server, vllm }: Awaited<ReturnType<typeof tier>>) {
  const controller = new AbortController();
  const { signal } = controller;
  const gone = server
    .post("/v1/chat/completions", clientRequest(named("one picture, 64 rows")), { signal })
    .catch(() => "gone");
  await expect.poll(() => vllm.prefilling, { timeout: 10_000 }).toBe(1);
  return async () => {
    controller.abort();
    expect(await gone).toBe("gone");
  };
}

describe("vLLM behind the server", () => {
  it.each(answered)("is asked as it was, and its answer streamed through: $name", async (exchange) => {
    const { server, vllm } = await tier();
    const whole = await server.post("/v1/chat/completions", clientRequest(exchange));
    const body = await whole.json();
    expect(vllm.faults).toEqual([]);
    const { text, finish, usage } = recordedAnswer(exchange);
    expect(body).toMatchObject({
      choices: [{ message: { content: text }, finish_reason: finish }],
      usage: { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens },
    });
    const stream = await server.client.chat.completions.create({
      ...clientRequest(exchange),
      stream: true,
      stream_options: { include_usage: true },
    } as never);
    const chunks = [];
    for await (const chunk of stream as unknown as AsyncIterable<Record<string, never>>) chunks.push(chunk);
    const streamed = chunks.map(
      (chunk) =>
        (chunk as never as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "",
    );
    expect(streamed.join("")).toBe(text);
    expect((chunks.at(-1) as never as { usage: { prompt_tokens: number } }).usage.prompt_tokens).toBe(
      usage.prompt_tokens,
    );
    expect(vllm.faults).toEqual([]);
  });

  it.each([
    "original",
    "far",
  ])("is not asked for %s positions, which it would not heed, and no picture is encoded for that", async (positions) => {
    const { server, vllm } = await tier();
    const request = clientRequest(named("one picture, 64 rows"));
    const prumerge = { visual_tokens: 64, positions };
    const answer = await server.post("/v1/chat/completions", { ...request, prumerge });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        code: "backend_positions",
        param: "prumerge.positions",
        message: expect.stringContaining(`takes no ${positions} positions`),
      },
    });
    expect(vllm.prefilling).toBe(0);
    expect(server.services.sight.memory.pictures).toBe(0);
  });

  it.each([
    "a longer prompt than the context",
    "more tokens than the context has room for",
  ])("hands on what it refuses, in its words: %s", async (name) => {
    const refuse = refusals.find((exchange) => exchange.name === name)!;
    const { server } = await tier({ refuse });
    const answer = await server.post("/v1/chat/completions", clientRequest(named("one picture, 64 rows")));
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(refuse.response.body);
    expect(await answer.json()).toMatchObject({
      error: { code: "backend_refused", message: expect.stringContaining(error.message) },
    });
  });

  it("never gets pictures of different counts into one step, whoever asks when", async () => {
    const { server, vllm } = await tier({ prefill: 10, perChunk: 5 });
    const kinds = ["one picture, 64 rows", "one picture, 16 rows", "two pictures", "no picture"].map(named);
    const answers = Array.from({ length: 24 }, (_, at) =>
      server.post("/v1/chat/completions", clientRequest(kinds[(at * 7) % kinds.length]!)),
    );
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(vllm.faults).toEqual([]);
  });

  it("is kept apart from a prompt whose client has gone, until that has its first token", async () => {
    const { server, vllm } = await tier({ prefill: 300, perChunk: 20 });
    const leave = await prefillOf64Rows({ server, vllm });
    const other = server.post("/v1/chat/completions", clientRequest(named("one picture, 16 rows")));
    await leave();
    await expect.poll(() => server.services.gate.running).toBe(1); // its slot is free at once
    expect((await other).status).toBe(200);
    expect(vllm.faults).toEqual([]);
    await expect.poll(() => vllm.cut).toBe(1);
  });

  it("that hangs before the first token keeps other counts out for the time of one request alone", async () => {
    const limits = { ...defaultLimits, requestMilliseconds: 1500 };
    const { server, vllm } = await tier({ hang: 64 }, { limits });
    await (await prefillOf64Rows({ server, vllm }))();
    const other = await server.post("/v1/chat/completions", clientRequest(named("one picture, 16 rows")));
    expect(other.status).toBe(200);
    expect(vllm.faults).toEqual([]);
  });

  it("stops when the client goes away in the middle of the answer", async () => {
    const { server, vllm } = await tier({ perChunk: 100 });
    const controller = new AbortController();
    const answer = await server.post(
      "/v1/chat/completions",
      { ...clientRequest(named("one picture, 64 rows")), stream: true },
      { signal: controller.signal },
    );
    await answer.body!.getReader().read();
    controller.abort();
    await expect.poll(() => vllm.cut).toBe(1);
    expect(server.services.gate.running).toBe(0);
  });

  it("is said to take rows one after another, and none that weighs more than another", async () => {
    const { server } = await tier();
    const info = (await (await fetch(`${server.url}/v1/prumerge/info`)).json()) as Info;
    expect(info.model).toMatchObject({ positions: ["contiguous"], row_bias: false });
  });

  it("may be told to take one count alone", async () => {
    const { server, vllm } = await tier({}, { onlyTokens: 64 });
    const ask = (exchange: string, change = {}) =>
      server.post("/v1/chat/completions", { ...clientRequest(named(exchange)), ...change });
    expect((await ask("one picture, 64 rows")).status).toBe(200);
    expect((await ask("no picture")).status).toBe(200);
    const refused = await ask("one picture, 16 rows");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: "backend_tokens" } });
    expect(vllm.faults).toEqual([]);
  });

  it("gets no pictures of different counts in one request", async () => {
    const { server } = await tier();
    const answer = await server.post("/v1/chat/completions", {
      ...clientRequest(named("two pictures")),
      prumerge: { method: "prumerge", visual_tokens: "adaptive" },
    });
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(answer.status).toBe(400);
    expect(error.message).toMatch(/one count of visual tokens per request/);
  });

  it.each([
    [
      "a question",
      (picture: unknown) => [{ role: "user", content: [picture, { type: "text", text: "<image>?" }] }],
      0,
    ],
    [
      "an answer before",
      (picture: unknown) => [
        { role: "user", content: [picture] },
        { role: "assistant", content: "an <image>" },
        { role: "user", content: "why?" },
      ],
      1,
    ],
  ])("gets no text that it would take for a picture's place: %s", async (_name, messages, at) => {
    const { server, vllm } = await tier();
    const answer = await server.post("/v1/chat/completions", {
      model: "pocket-llava",
      messages: messages({ type: "image_url", image_url: { url: sampleUrl(3) } }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: "backend_image_token", param: `messages[${at}].content` },
    });
    expect(vllm.faults).toEqual([]);
  });

  it("gets the key that it wants, and a wrong one is the server's fault", async () => {
    const exchange = clientRequest(named("no picture"));
    const right = await tier({ key: "k" }, { key: "k" });
    expect((await right.server.post("/v1/chat/completions", exchange)).status).toBe(200);
    const wrong = await tier({ key: "k" }, { key: "l" });
    const answer = await wrong.server.post("/v1/chat/completions", exchange);
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toMatch(/Unauthorized/);
  });

  it("that is not there makes the server not ready, and its answers 502", async () => {
    const { server, vllm } = await tier();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await vllm.close();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const answer = await server.post("/v1/chat/completions", clientRequest(named("no picture")));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: "backend_failed", type: "server_error" } });
    const failed = server.lines
      .map((line) => JSON.parse(line))
      .find(({ error }) => error === "backend_failed");
    expect(failed.cause).toMatch(/^(ECONNREFUSED|UND_ERR_SOCKET|ECONNRESET): /);
  });
});
