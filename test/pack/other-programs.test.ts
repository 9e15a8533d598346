import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, StrangerProject } from "./stranger-project.js";

const project = new StrangerProject();
beforeAll(() => {
  project.install(["--ignore-scripts"]);
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  project.succeed("npm", [
    "install",
    "--ignore-scripts",
    ...quiet,
    "@hono/node-server@2",
    "express@5",
    "ai@6",
    "openai@6",
    "zod@4",
  ]);
});
afterAll(() => project.remove());

/** Compiles a file of the project strictly, without Node's types. */
function compile(file: string, options: readonly string[]): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const usual = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", ""];
  project.succeed(process.execPath, [compiler, ...usual, ...options, file]);
}

function run(script: string): Record<string, unknown> {
  const samples = join(project.installed, "models", "pocket-llava", "samples");
  const picture = join(samples, readdirSync(samples).find((name) => name.endsWith(".png"))!);
  writeFileSync(join(project.path, "program.mjs"), `const picture = ${JSON.stringify(picture)};\n${script}`);
  return JSON.parse(project.succeed(process.execPath, ["program.mjs"]));
}

describe("in a stranger's project", () => {
  it("the endpoints are mounted in an Express app", () => {
    const found = run(`
      import { readFileSync } from "node:fs";
      import { getRequestListener } from "@hono/node-server";
      import express from "express";
      import { loadModel } from "prumerge";
      import { createHandler } from "prumerge/serve";
      const model = await loadModel("pocket-llava");
      const handler = await createHandler({ model, modelName: "pocket-llava" });
      const app = express();
      app.get("/", (request, response) => response.send("my own"));
      app.use("/vision", getRequestListener(handler.fetch));
      const server = app.listen(0, "127.0.0.1");
      await new Promise((done) => server.once("listening", done));
      const url = "http://127.0.0.1:" + server.address().port;
      const image = "data:image/png;base64," + readFileSync(picture).toString("base64");
      const content = [{ type: "image_url", image_url: { url: image } }, { type: "text", text: "What color is the background?" }];
      const body = JSON.stringify({ model: "pocket-llava", messages: [{ role: "user", content }] });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url + "/vision/v1/chat/completions", { method: "POST", headers, body });
      const own = await (await fetch(url)).text();
      console.log(JSON.stringify({ own, status: answer.status, answer: await answer.json() }));
      server.close(); server.closeAllConnections();
      await handler.close(); await model.dispose();`);
    expect(found).toMatchObject({ own: "my own", status: 200, answer: { object: "chat.completion" } });
  });

  it("OpenAI's client takes the field of requests and gives that of answers, by types that load nothing", () => {
    const program = `import OpenAI from "openai";
      import type { ChatAnswerExtension, ChatChunkExtension, ChatExtension, VideoPart } from "prumerge/api";
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Where is the bear?" }];
      const prumerge = { method: "cover", visual_tokens: 64, positions: "original" } as const;
      export async function ask(client: OpenAI): Promise<number[]> {
        const request: OpenAI.ChatCompletionCreateParamsNonStreaming & ChatExtension = { model: "pocket-llava", messages, prumerge };
        const answer = (await client.chat.completions.create(request)) as OpenAI.ChatCompletion & ChatAnswerExtension;
        const streamed: OpenAI.ChatCompletionCreateParamsStreaming & ChatExtension = { ...request, stream: true };
        let first = 0;
        for await (const chunk of await client.chat.completions.create(streamed)) {
          first = (chunk as ChatChunkExtension).prumerge?.timings.first_token_ms ?? first;
        }
        return [first, ...answer.prumerge.pictures.map((picture) => picture.visual_tokens), answer.usage!.prompt_tokens];
      }
      // @ts-expect-error no such positions
      export const wrong: ChatExtension = { prumerge: { positions: "middle" } };
      // @ts-expect-error no such field
      export const unknown: ChatExtension = { prumerge: { tokens: 64 } };
      export const clip: VideoPart = { type: "video_url", video_url: { url: "https://example.org/clip.mp4" } };`;
    writeFileSync(join(project.path, "client.ts"), program);
    compile("client.ts", ["--skipLibCheck", "false"]);
    const { status } = project.run(process.execPath, [
      "--input-type=module",
      "-e",
      'await import("prumerge/api")',
    ]);
    expect(status).not.toBe(0);
  });

  it("the AI SDK takes the model by its types", () => {
    const program = `import { generateText } from "ai";
      import { loadModel } from "prumerge";
      import { languageModel } from "prumerge/ai";
      export const ask = async (prompt: string) =>
        (await generateText({ model: languageModel(await loadModel()), prompt })).text;`;
    writeFileSync(join(project.path, "ask.ts"), program);
    compile("ask.ts", ["--skipLibCheck"]);
  });

  it("the AI SDK generates and streams, is told what the picture took, and aborts", () => {
    const found = run(`
      import { readFileSync } from "node:fs";
      import { generateText, streamText } from "ai";
      import { loadModel } from "prumerge";
      import { languageModel } from "prumerge/ai";
      globalThis.AI_SDK_LOG_WARNINGS = false;
      const loaded = await loadModel("pocket-llava");
      const model = languageModel(loaded);
      const image = readFileSync(picture);
      const content = [{ type: "image", image }, { type: "text", text: "What color is the background?" }];
      const messages = [{ role: "user", content }];
      const providerOptions = { prumerge: { method: "cover", visualTokens: 32, positions: "original" } };
      const whole = await generateText({ model, messages, providerOptions });
      const again = streamText({ model, messages, providerOptions });
      let streamed = "";
      for await (const text of again.textStream) streamed += text;
      const plain = await generateText({ model, messages });
      const turns = [...messages, { role: "assistant", content: whole.text }, { role: "user", content: "Is there an apple?" }];
      const second = await generateText({ model, messages: turns, providerOptions });
      const controller = new AbortController();
      controller.abort();
      const aborted = await generateText({ model, messages, abortSignal: controller.signal }).catch((error) => error.name);
      const wrong = await generateText({ model, messages, maxRetries: 0, providerOptions: { prumerge: { tokens: 3 } } })
        .catch((error) => error.code);
      const late = new AbortController();
      const left = streamText({ model, messages, abortSignal: late.signal, onError() {} });
      const kinds = [];
      for await (const part of left.fullStream) { kinds.push(part.type); if (part.type === "text-delta") late.abort(); }
      console.log(JSON.stringify({ whole: whole.text, streamed, usage: whole.usage, finish: whole.finishReason,
        metadata: whole.providerMetadata.prumerge, streamedMetadata: (await again.providerMetadata).prumerge,
        plain: plain.providerMetadata.prumerge.visualTokens, second: second.providerMetadata.prumerge.pictures,
        aborted, wrong, last: kinds.at(-1), warnings: whole.warnings }));
      await loaded.dispose();`);
    expect(found.streamed).toBe(found.whole);
    expect(found.whole).toMatch(/\w/);
    expect(found).toMatchObject({
      finish: "stop",
      metadata: {
        visualTokens: { before: 576, after: 32 },
        pictures: [{ method: "cover", positions: "original" }],
      },
      streamedMetadata: { visualTokens: { before: 576, after: 32 }, pictures: [{ remembered: true }] },
      second: [{ remembered: true }],
      aborted: "AbortError",
      wrong: "INVALID_OPTION",
      last: "abort",
      warnings: [],
    });
    const { after } = found.plain as { after: number };
    expect(after).toBeGreaterThan(32);
    const { inputTokens, outputTokens } = found.usage as { inputTokens: number; outputTokens: number };
    expect(inputTokens).toBeGreaterThan(32);
    expect(outputTokens).toBeGreaterThan(0);
  });
});
