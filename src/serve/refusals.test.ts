import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { chatRequestSchema } from "./schema/chat-request.js";

let model: LoadedModel;
let server: TestServer;
beforeAll(async () => {
  model = await loadModel();
  server = await testServer(model, {
    limits: {
      bodyBytes: 400_000,
      pictureBytes: 100_000,
      picturePixels: 1_000_000,
      pictures: 2,
      textCharacters: 2000,
      promptTokens: 800,
      outputTokens: 64,
    },
  });
});
afterAll(async () => {
  await server.close();
  await model.dispose();
});

const question = { model: "pocket-llava", messages: [{ role: "user", content: "Hello?" }] };
const picture = sampleUrl(3);
const show = (url: string) => ({ messages: [ask("What is this?", url)] });
const dataUrl = (bytes: Uint8Array | string, type = "image/png") =>
  `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;

/** Status and error of a request with these fields changed. */
async function refused(change: object) {
  const answer = await server.post("/v1/chat/completions", { ...question, ...change });
  const { error } = (await answer.json()) as { error?: Record<string, string | null> };
  return { status: answer.status, ...error } as { status: number; message?: string };
}

const entries = <Value>(count: number, value: Value): Value[] => new Array(count).fill(value);
const fields = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, value]));

const damaged = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/image/bad/${name}`, import.meta.url));

describe("fields", () => {
  it.each([
    [{ model: undefined }, 400, "missing_required_parameter", "model"],
    [{ messages: undefined }, 400, "missing_required_parameter", "messages"],
    [{ messages: [] }, 400, "below_minimum", "messages"],
    [{ messages: "Hello?" }, 400, "invalid_type", "messages"],
    [{ messages: [{ role: "user" }] }, 400, "missing_required_parameter", "messages[0].content"],
    [{ messages: [{ role: "tool", content: "" }] }, 400, "invalid_value", "messages[0].role"],
    [{ messages: [{ role: "assistant", content: "Hello." }] }, 400, "invalid_value", "messages"],
    [
      { messages: [{ role: "system", content: [{ type: "image_url", image_url: { url: picture } }] }] },
      400,
      "invalid_value",
      "messages[0].content[0].type",
    ],
    [
      { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
      400,
      "invalid_value",
      "messages[0].content[0].type",
    ],
    [
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { uri: "" } }] }] },
      400,
      "missing_required_parameter",
      "messages[0].content[0].image_url.url",
    ],
    [{ temperature: "0" }, 400, "invalid_type", "temperature"],
    [{ temperature: -0.1 }, 400, "below_minimum", "temperature"],
    [{ temperature: 2.1 }, 400, "above_maximum", "temperature"],
    [{ top_p: -0.1 }, 400, "below_minimum", "top_p"],
    [{ max_tokens: 0 }, 400, "below_minimum", "max_tokens"],
    [{ max_tokens: 1.5 }, 400, "invalid_type", "max_tokens"],
    [{ seed: -(2 ** 64) }, 400, "below_minimum", "seed"],
    [{ stop: ["a", "b", "c", "d", "e"] }, 400, "above_maximum", "stop"],
    [{ n: 2 }, 400, "unsupported_value", "n"],
    [{ logprobs: true }, 400, "unsupported_value", "logprobs"],
    [{ tools: [{ type: "function" }] }, 400, "unsupported_value", "tools"],
    [{ response_format: { type: "json_object" } }, 400, "unsupported_value", "response_format.type"],
    [{ moderation: { model: "a" } }, 400, "unsupported_parameter", "moderation"],
    [{ temprature: 1 }, 400, "unknown_parameter", "temprature"],
    [{ prumerge: { metod: "none" } }, 400, "unknown_parameter", "prumerge.metod"],
    [{ prumerge: { visual_tokens: "few" } }, 400, "invalid_value", "prumerge.visual_tokens"],
    [{ model: "other" }, 404, "model_not_found", "model"],
  ])("%j: %i %s", async (change, status, code, param) => {
    expect(await refused(change)).toMatchObject({ status, code, param, type: "invalid_request_error" });
  });

  it.each([
    ["parts of a message", { messages: [{ role: "user", content: entries(100_000, {}) }] }, "messages"],
    [
      "parts of many messages",
      { messages: entries(60, { role: "user", content: entries(200, { type: "text", text: "" }) }) },
      "messages",
    ],
    ["options of the reduction", { prumerge: { options: fields(10_000, null) } }, "prumerge.options"],
    ["fields of metadata", { metadata: fields(10_000, 1) }, "metadata"],
  ])("without end are refused before any is looked at: %s", async (_name, change, param) => {
    expect(chatRequestSchema.safeParse({ ...question, ...change }).error!.issues).toHaveLength(1);
    const found = await refused(change);
    expect(found).toMatchObject({ status: 400, param });
    expect(found.message).toMatch(/^(Invalid '.*': expected at most \d+ |Unsupported value)/);
  });

  it("of which there may be many are taken up to their bound", () => {
    const most = (count: number) => ({
      ...question,
      messages: [{ role: "user", content: entries(count, { type: "text", text: "a" }) }],
      metadata: fields(64, "a"),
      prumerge: { options: fields(64, 1) },
    });
    expect(chatRequestSchema.safeParse(most(4096)).success).toBe(true);
    expect(chatRequestSchema.safeParse(most(4097)).success).toBe(false);
  });

  it("that clients send by default are taken", async () => {
    const change = {
      n: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: null,
      logprobs: false,
      response_format: { type: "text" },
      tools: [],
      tool_choice: "auto",
      user: "me",
      store: false,
      metadata: { a: "b" },
      max_tokens: 1,
      stream_options: null,
    };
    expect(await refused(change)).toEqual({ status: 200 });
  });

  it.each([
    [{ method: "prumerg" }, "unknown_method", /Did you mean "prumerge"/],
    [
      { method: "uniform", visual_tokens: "adaptive" },
      "invalid_value",
      /does not take 'adaptive' for visual_tokens/,
    ],
    [{ method: "prumerge", visual_tokens: "all" }, "invalid_value", /does not take 'all' for visual_tokens/],
    [{ visual_tokens: 5000 }, "invalid_value", /from 1 to 577/],
    [{ method: "random", visual_tokens: 64, options: { sed: 3 } }, "invalid_value", /no option "sed"/],
    [{ method: "prumerge", options: { tokens: 3 } }, "unknown_parameter", /visual_tokens/],
    [{ options: { iqrFactor: -1 } }, "invalid_value", /0 to 1000/],
  ])("of the reduction: %j", async (prumerge, code, message) => {
    const found = await refused({ ...show(picture), prumerge });
    expect(found).toMatchObject({ status: 400, code });
    expect(found.message).toMatch(message);
  });
});

describe("bodies", () => {
  it("must be JSON, and say so", async () => {
    const send = async (body: string, type: string) => {
      const answer = await server.post("/v1/chat/completions", body, { headers: { "content-type": type } });
      return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
    };
    expect(await send("{", "application/json")).toEqual([400, "invalid_json"]);
    expect(await send("", "application/json")).toEqual([400, "invalid_json"]);
    expect(await send(JSON.stringify(question), "text/plain")).toEqual([415, "unsupported_content_type"]);
    expect(await send("[]", "application/json")).toEqual([400, "invalid_type"]);
    expect(await send("null", "application/json")).toEqual([400, "invalid_type"]);
  });

  it("may come in chunks", async () => {
    const [first, second] = [`{"model": "pocket-llava", "max_tokens": 1, `, `"messages": "Hello?"}`];
    const pieces = (...texts: string[]) =>
      new ReadableStream({
        start(controller) {
          for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
          controller.close();
        },
      });
    const send = (body: ReadableStream) =>
      server.post("/v1/chat/completions", "", { body, duplex: "half" } as RequestInit);
    const answer = await send(pieces(JSON.stringify({ ...question, max_tokens: 1 })));
    expect(answer.status).toBe(200);
    const wrong = await send(pieces(first, second));
    expect(await wrong.json()).toMatchObject({ error: { code: "invalid_type", param: "messages" } });
  });

  it("may not be larger than the limit, told or not", async () => {
    const body = JSON.stringify({ ...question, user: "x".repeat(400_000) });
    expect((await server.post("/v1/chat/completions", body)).status).toBe(413);
    const pieces = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(" ".repeat(50_000)));
      },
    });
    const init = { body: pieces, duplex: "half" } as RequestInit;
    const answer = await server.post("/v1/chat/completions", "", init).catch(() => undefined);
    expect(answer?.status ?? 413).toBe(413); // or the connection is cut before the answer is read
  });
});

describe("pictures", () => {
  const bmp = Buffer.concat([Buffer.from("BM"), Buffer.alloc(60)]);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>';

  it.each([
    ["SVG", dataUrl(svg, "image/svg+xml"), "unsupported_image"],
    ["SVG that calls itself a PNG", dataUrl(svg), "unsupported_image"],
    ["SVG with a byte order mark", dataUrl(`\uFEFF <?xml version="1.0"?>${svg}`), "unsupported_image"],
    ["BMP", dataUrl(bmp), "unsupported_image"],
    ["TIFF", dataUrl(Buffer.from("49492a0008000000", "hex")), "unsupported_image"],
    ["AVIF", dataUrl(Buffer.from("0000001c6674797061766966", "hex")), "unsupported_image"],
    ["PDF", dataUrl("%PDF-1.7"), "unsupported_image"],
    ["text", dataUrl("a picture"), "unsupported_image"],
    ["nothing", "data:image/png;base64,", "invalid_base64"],
    ["what is no base64", "data:image/png;base64,iVBO*w0KGgo=", "invalid_base64"],
    ["base64 of another alphabet", "data:image/png;base64,iVBORw0KGg-_", "invalid_base64"],
    ["letters that only end like base64's", "data:image/png;base64,iVBORw0KGgo\u0141", "invalid_base64"],
    ["what is not in base64", "data:image/svg+xml,<svg/>", "unsupported_image"],
    [
      "a PNG that ends early",
      dataUrl(readFileSync(samplePath("sample_2.png")).subarray(0, 5000)),
      "invalid_image",
    ],
    ["a small file of 10,000 million pixels", dataUrl(damaged("bomb.png")), "limit_exceeded"],
    ["a GIF of 4,000 million pixels", dataUrl(damaged("bomb.gif"), "image/gif"), "limit_exceeded"],
    ["more bytes than the limit", dataUrl(Buffer.alloc(100_004)), "image_too_large"],
    ["a file of the server", "/etc/passwd", "invalid_image_url"],
    ["a file: address", "file:///etc/passwd", "invalid_image_url"],
    ["an address, where none is fetched", "https://example.org/cat.png", "invalid_image_url"],
  ])("%s", async (_name, url, code) => {
    const found = await refused(show(url));
    expect(found).toMatchObject({ status: 400, code, type: "invalid_request_error" });
    expect(found.message).not.toMatch(/\/work|node_modules|\bat \w+ \(/);
  });

  it("too many of them", async () => {
    const messages = [ask("What are these?", dataUrl("a"), dataUrl("b"), dataUrl("c"))];
    expect(await refused({ messages })).toMatchObject({ status: 400, code: "limit_exceeded" });
  });
});

describe("lengths", () => {
  it("of texts, prompts and answers", async () => {
    const long = { messages: [{ role: "user", content: "a ".repeat(1001) }] };
    expect(await refused(long)).toMatchObject({ status: 400, code: "limit_exceeded" });
    expect(await refused({ max_tokens: 65 })).toMatchObject({ status: 400, code: "limit_exceeded" });
    const full = { messages: [ask("What are these?", picture, sampleUrl(2))], prumerge: { method: "none" } };
    const found = await refused(full);
    expect(found).toMatchObject({ status: 400, code: "limit_exceeded" });
    expect(found.message).toMatch(/at most 800/);
  });

  it("of the model's context", async () => {
    const unlimited = await testServer(model, { limits: { promptTokens: 100_000 } });
    const messages = [ask("?", picture, picture, picture, picture)];
    const answer = await unlimited.post("/v1/chat/completions", {
      ...question,
      messages,
      prumerge: { method: "none" },
    });
    const { error } = (await answer.json()) as { error: { code: string } };
    expect([answer.status, error.code]).toEqual([400, "context_length_exceeded"]);
    await unlimited.close();
  });
});

describe("addresses", () => {
  it("that are none are told in the API's words", async () => {
    const answer = await fetch(`${server.url}/v2/nothing`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: "unknown_url", param: null } });
    expect((await fetch(`${server.url}/v1/chat/completions`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/prumerge/samples/..%2fsamples.json`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/prumerge/samples/samples.json`)).status).toBe(404);
  });
});

describe("logs and answers", () => {
  it("hold no stack, path, text or picture", async () => {
    await server.post("/v1/chat/completions", { ...question, messages: [ask("a secret question", picture)] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const log = server.lines.join("");
    expect(server.lines.length).toBeGreaterThan(20);
    expect(log).not.toMatch(/secret|;base64,|\/work|node_modules|\.ts:|\.js:/);
  });
});
