import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a judge was asked. */
export interface JudgeRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly temperature?: number;
    readonly max_tokens?: number;
  };
}

/** What it says: a text, or the status, body and headers of an answer that is none. */
export type JudgeSaying =
  | string
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> };

/** A server of OpenAI's chat completions that says what it is told to, ended with the test. */
export async function judgeServer(say: (request: JudgeRequest, count: number) => JudgeSaying) {
  const requests: JudgeRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const asked = { path: request.url!, headers: request.headers, body };
    requests.push(asked);
    const said = say(asked, requests.length);
    if (typeof said !== "string") {
      response.writeHead(said.status, said.headers).end(said.body ?? "");
      return;
    }
    const message = { role: "assistant", content: said };
    const usage = { prompt_tokens: 300, completion_tokens: 12, total_tokens: 312 };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ model: `${body.model}-0613`, choices: [{ index: 0, message }], usage }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests };
}

/** The prediction that a request asks about. */
export function predictionIn({ body }: JudgeRequest): string {
  return /Predicted Answer: ([^\n]*)/.exec(body.messages[1]!.content)![1]!;
}
