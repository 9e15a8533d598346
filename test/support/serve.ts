import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { samplePath } from "../../src/model/find-folder.js";
import type { LoadedModel } from "../../src/model/model.js";
import { createLog } from "../../src/serve/create-log.js";
import { type RunningServer, type ServerOptions, startServer } from "../../src/serve/server.js";

export interface TestServer extends RunningServer {
  /** Lines of its log. */
  readonly lines: readonly string[];
  readonly client: OpenAI;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** A server of a loaded model on a free port, with OpenAI's client for it. */
export async function testServer(
  model: LoadedModel,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const lines: string[] = [];
  const log = createLog("debug", { write: (line) => void lines.push(line) });
  const server = await startServer({ model, modelName: "pocket-llava", log, port: 0, ...options });
  const apiKey = options.keys?.[0] ?? "none";
  return {
    ...server,
    lines,
    client: new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 }),
    post: (path, body, init = {}) =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      }),
  };
}

/** A sample picture as a data: URL. */
export function sampleUrl(number: 1 | 2 | 3 | 5): string {
  return `data:image/png;base64,${readFileSync(samplePath(`sample_${number}.png`)).toString("base64")}`;
}

/** A user's message about pictures. */
export function ask(question: string, ...urls: string[]): OpenAI.ChatCompletionUserMessageParam {
  return {
    role: "user",
    content: [
      ...urls.map((url) => ({ type: "image_url" as const, image_url: { url } })),
      { type: "text", text: question },
    ],
  };
}
