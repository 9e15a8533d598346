import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, sampleUrl } from "../../test/support/serve.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { createHandler, type Handler, type HandlerOptions } from "./handler.js";

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});
afterAll(() => model.dispose());

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function handlerOf(options: Partial<HandlerOptions> = {}): Promise<Handler> {
  const handler = await createHandler({ model, modelName: "pocket-llava", ...options });
  ends.push(() => handler.close());
  return handler;
}

const question = { model: "pocket-llava", messages: [ask("Where is the bear?", sampleUrl(3))] };
const post = (url: string, body: unknown, init: RequestInit = {}) =>
  new Request(url, {
    method: "POST",
    body: JSON.stringify(body),
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });

describe("the endpoints as a handler", () => {
  it("answer a request without any server", async () => {
    const { fetch } = await handlerOf();
    const answer = await fetch(post("http://here/v1/chat/completions", question));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const said = (await answer.json()) as OpenAI.ChatCompletion;
    expect(said.choices[0]!.message.content).toMatch(/\w/);
    expect((await fetch(new Request("http://here/nothing"))).status).toBe(404);
    expect(await (await fetch(new Request("http://here/"))).text()).toContain("/v1/");
  });

  it("are mounted in a Hono app, in whose path the program of OpenAI asks and streams", async () => {
    const { fetch } = await handlerOf();
    const app = new Hono();
    app.get("/", (c) => c.text("my own"));
    app.mount("/vision", fetch);
    const url = await served(getRequestListener(app.fetch));
    expect(await (await globalThis.fetch(url)).text()).toBe("my own");
    const client = new OpenAI({ baseURL: `${url}/vision/v1`, apiKey: "none", maxRetries: 0 });
    const whole = await client.chat.completions.create(question);
    const pieces: string[] = [];
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
      pieces.push(chunk.choices[0]?.delta.content ?? "");
    }
    expect(pieces.join("")).toBe(whole.choices[0]!.message.content);
    expect(pieces.length).toBeGreaterThan(2);
  });

  it("take a path off that their host leaves on, and nothing else", async () => {
    const { fetch } = await handlerOf({ basePath: "/api/vision" });
    const status = async (path: string) => (await fetch(new Request(`http://here${path}`))).status;
    expect(await status("/api/vision/v1/models")).toBe(200);
    expect(await status("/api/visions/v1/models")).toBe(404);
    for (const basePath of ["vision", "/vision/", "/a b"]) {
      await expect(createHandler({ model, basePath })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });

  it("want a key where there are keys, none of them weak", async () => {
    const key = "0123456789abcdef-one";
    const { fetch } = await handlerOf({ keys: [key] });
    const status = async (headers: Record<string, string>) =>
      (await fetch(new Request("http://here/v1/models", { headers }))).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200);
    for (const keys of [["short"], []]) {
      await expect(createHandler({ model, keys })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });

  it("end an answer that nobody waits for, and are free for the next", async () => {
    const lines: Record<string, unknown>[] = [];
    const log = { info: (fields: object) => void lines.push({ ...fields }), warn() {}, error() {} };
    const { fetch } = await handlerOf({ log, limits: { running: 1 } });
    const controller = new AbortController();
    const { signal } = controller;
    const streamed = await fetch(
      post("http://here/v1/chat/completions", { ...question, stream: true }, { signal }),
    );
    const reader = streamed.body!.getReader();
    await reader.read();
    controller.abort();
    await expect.poll(() => lines.map(({ status }) => status)).toEqual([499]);
    const left = await fetch(post("http://here/v1/chat/completions", { ...question, stream: true }));
    await left.body!.cancel();
    await expect.poll(() => lines.map(({ status }) => status)).toEqual([499, 499]);
    expect((await fetch(post("http://here/v1/chat/completions", question))).status).toBe(200);
  });

  it("refuse once they are closed", async () => {
    const { fetch, close } = await handlerOf();
    await close();
    const answer = await fetch(post("http://here/v1/chat/completions", question));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "shutting_down" } });
  });
});

async function served(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  ends.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
