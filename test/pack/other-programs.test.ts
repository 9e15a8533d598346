import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StrangerProject } from "./stranger-project.js";

const project = new StrangerProject();
beforeAll(() => {
  project.install(["--ignore-scripts"]);
  project.add("@hono/node-server@2", "express@5", "openai@6");
});
afterAll(() => project.remove());

describe("in a stranger's project", () => {
  it("the endpoints are mounted in an Express app", () => {
    const found = project.evaluate(`
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
    project.compile("client.ts", ["--skipLibCheck", "false"]);
    const { status } = project.run(process.execPath, [
      "--input-type=module",
      "-e",
      'await import("prumerge/api")',
    ]);
    expect(status).not.toBe(0);
  });
});
