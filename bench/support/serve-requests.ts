import { readFileSync } from "node:fs";
import sharp from "sharp";
import { Pool } from "undici";
import { samplePath } from "../../src/model/find-folder.js";
import type { AnswerReport } from "../../src/serve/schema/chat-answer.js";

/** One answered request, milliseconds as its client saw them. */
export interface Sample {
  readonly firstToken: number;
  readonly total: number;
  /** What the server says of the model's share. */
  readonly report: AnswerReport;
  readonly tokens: number;
  readonly text: string;
}

/** Different pictures of one content: the samples in so many colours, as data: URLs. */
export async function colouredPictures(count: number): Promise<string[]> {
  const samples = [1, 2, 3, 5].map((number) => readFileSync(samplePath(`sample_${number}.png`)));
  const urls: string[] = [];
  for (let at = 0; at < count; at++) {
    const hue = Math.round((at * 360) / count);
    const bytes = await sharp(samples[at % samples.length]!)
      .modulate({ hue, brightness: 1 + at / (4 * count) })
      .png()
      .toBuffer();
    urls.push(`data:image/png;base64,${bytes.toString("base64")}`);
  }
  return urls;
}

/** A client that streams answers over connections that it keeps. */
export class StreamingClient {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections, headersTimeout: 0, bodyTimeout: 0 });
  }

  async ask(picture: string, question: string, prumerge: object, maxTokens: number): Promise<Sample> {
    const content = [
      { type: "image_url", image_url: { url: picture } },
      { type: "text", text: question },
    ];
    const body = JSON.stringify({
      model: "pocket-llava",
      messages: [{ role: "user", content }],
      max_tokens: maxTokens,
      stream: true,
      stream_options: { include_usage: true },
      prumerge,
    });
    const start = performance.now();
    const answer = await this.#pool.request({
      path: "/v1/chat/completions",
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
    let firstToken = 0;
    let text = "";
    for await (const chunk of answer.body) {
      text += chunk;
      if (firstToken === 0 && /"delta":\{"content":"[^"]/.test(text)) firstToken = performance.now() - start;
    }
    const total = performance.now() - start;
    const events = text.split("\n\n").filter((event) => event.startsWith("data: {"));
    const chunks = events.map((event) => JSON.parse(event.slice("data: ".length)));
    return {
      firstToken: firstToken || total,
      total,
      report: chunks.find((one) => one.prumerge !== undefined).prumerge,
      tokens: chunks.at(-1).usage.completion_tokens,
      text: chunks.map(({ choices }) => choices?.[0]?.delta.content ?? "").join(""),
    };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Runs tasks 0 .. count - 1 by so many clients, each with one at a time. */
export async function byClients<Result>(
  clients: number,
  count: number,
  task: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < count) results.push(await task(next++));
    }),
  );
  return results;
}

/** The value below which a share of the sorted values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
