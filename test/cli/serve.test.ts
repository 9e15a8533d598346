import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { prumerge, samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly url: string;
  /** What it wrote so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const running: Running[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.kill("SIGKILL");
    await server.ended;
  }
});

function serve(...words: string[]): Promise<Running> {
  const program = spawn(process.execPath, [main, "serve", "--port", "0", ...words], {
    env: { ...process.env, HF_HUB_OFFLINE: "1", NO_COLOR: "1" },
  });
  let text = "";
  const ended = new Promise<number | string>((resolve) =>
    program.on("close", (code, signal) => resolve(code ?? signal ?? "?")),
  );
  return new Promise((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr]) {
      stream.setEncoding("utf8").on("data", (piece) => {
        text += piece;
        const [, url] = /^Listening on (\S+)$/m.exec(text) ?? [];
        if (url === undefined) return;
        const server = {
          url,
          said: () => text,
          kill: (signal: NodeJS.Signals) => void program.kill(signal),
          ended,
        };
        if (!running.some((one) => one.url === url)) running.push(server);
        resolve(server);
      });
    }
    void ended.then((status) => reject(new Error(`ended with ${status}: ${text}`)));
  });
}

it("says at its start, and to its page, what the bundled model knows where none was named", async () => {
  const notes = async ({ url }: Running) =>
    (await (await fetch(`${url}/v1/prumerge/info`)).json()).model.notes;
  const unnamed = await serve();
  const said = /^Note: (No model was named, .*)\n(?=Listening)/m.exec(unnamed.said())?.[1];
  expect(await notes(unnamed)).toEqual([said]);
  const named = await serve("--model", "pocket-llava");
  expect([await notes(named), named.said()]).toEqual([[], expect.not.stringContaining("Note:")]);
});

const picture = `data:image/png;base64,${readFileSync(join(samples, "sample_3.png")).toString("base64")}`;
const question = (text: string, change = {}) => ({
  model: "pocket-llava",
  messages: [
    {
      role: "user" as const,
      content: [
        { type: "image_url" as const, image_url: { url: picture } },
        { type: "text" as const, text },
      ],
    },
  ],
  ...change,
});

describe("prumerge serve", () => {
  it("answers OpenAI's client with a key, logs without secrets, and ends on SIGTERM", async () => {
    const keys = join(folder, "keys.txt");
    writeFileSync(keys, "# for the test\n\nabcdefgh-0123456789\n");
    const server = await serve("--api-key-file", keys);
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "abcdefgh-0123456789", maxRetries: 0 });
    const answer = await client.chat.completions.create(question("Where is the bear?"));
    expect(answer.choices[0]!.message.content).toMatch(/\w/);
    const other = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "another-key-0123456", maxRetries: 0 });
    await expect(other.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
    server.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    const lines = server
      .said()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line).status)).toEqual([200, 401]);
    expect(server.said()).not.toMatch(/abcdefgh|another-key|bear|base64|keys\.txt/);
  });

  it("listens beyond this machine where that is said, and says in one line what it is", async () => {
    const limits = ["--threads", "1", "--max-running", "3", "--max-output-tokens", "99"];
    const server = await serve("--host", "0.0.0.0", "--no-keys", ...limits);
    await expect.poll(server.said).toMatch(/^prumerge .*everybody/m);
    const [line] = /^prumerge \d.*$/m.exec(server.said())!;
    expect(line).toContain(`pocket-llava on cpu, 1 thread, at ${server.url};`);
    expect(line).toMatch(/; 3 requests at once and 128 waiting, bodies of 32 MiB, 8 pictures;/);
    expect(line).toMatch(/answers of 99 tokens; no keys: everybody who reaches it may ask$/);
    expect((await fetch(server.url.replace("0.0.0.0", "127.0.0.1"))).status).toBe(200);
  });

  it("lets an answer under way end on SIGTERM, and takes no new one", async () => {
    const server = await serve();
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
    const stream = await client.chat.completions.create(
      question("What is in this picture?", { stream: true, prumerge: { method: "none" } }),
    );
    let text = "";
    let finish: string | null = null;
    let killed = false;
    for await (const { choices } of stream as unknown as AsyncIterable<OpenAI.ChatCompletionChunk>) {
      if (!killed) server.kill("SIGTERM");
      killed = true;
      text += choices[0]?.delta.content ?? "";
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect([text !== "", finish]).toEqual([true, "stop"]);
    expect(await server.ended).toBe(0);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  it("ends at once on a second SIGTERM", async () => {
    const server = await serve();
    // A request that never comes to an end keeps the first one waiting; the server asks for its body, so that it is there.
    const half = request(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": 100, expect: "100-continue" },
    });
    half.on("error", () => undefined);
    half.flushHeaders();
    await once(half, "continue");
    half.write("{");
    server.kill("SIGTERM");
    await expect.poll(server.said, { timeout: 20_000 }).toMatch(/once more to end at once/);
    server.kill("SIGTERM");
    expect(await server.ended).toBe("SIGTERM");
  });

  it("gives its count to requests that name a method and none", async () => {
    const server = await serve("--visual-tokens", "32");
    const answer = await fetch(`${server.url}/v1/visual-tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ image_url: { url: picture }, prumerge: { method: "prumerge" } }),
    });
    expect(await answer.json()).toMatchObject({ picture: { method: "prumerge", visual_tokens: 32 } });
  });

  it("has room for one body of the largest size that it is told to take", async () => {
    const server = await serve("--max-body", "300");
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(question("Where is the bear?"))));
        controller.close();
      },
    });
    const init = { method: "POST", body: chunks, duplex: "half" };
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}/v1/chat/completions`, { ...init, headers } as RequestInit);
    expect(answer.status).toBe(200);
  });

  it("refuses what it cannot do before it loads anything heavy", async () => {
    const weak = join(folder, "weak.txt");
    writeFileSync(weak, "abcdefgh-0123456789\nshort\n");
    const empty = join(folder, "empty.txt");
    writeFileSync(empty, "# nothing\n");
    const refusals: [string[], RegExp][] = [
      [["--api-key-file", weak], /weak\.txt, line 2: an API key that is too weak/],
      [["--api-key-file", empty], /without a key/],
      [["--api-key-file", join(folder, "nowhere")], /cannot be read/],
      [["--host", "0.0.0.0"], /--host: everybody.*--api-key-file FILE.*--no-keys.*found 0\.0\.0\.0/],
      [["--host", "::"], /--host: everybody/],
      [["--no-keys", "--api-key-file", weak], /--no-keys: keys are wanted of clients, and none/],
      [["--backend-strict"], /--backend-strict: there is no backend/],
      [["--fetch", "off", "--fetch-allow", "https://a.example"], /--fetch-allow: /],
      [["--fetch-allow", "example.org"], /--fetch-allow: not an origin/],
      [["--allow-origin", "https://a.example/x"], /--allow-origin: not an origin/],
      [["--backend", "vllm:8000"], /--backend: not the address of a backend/],
      [["--port", "x"], /whole number/],
      [["--port", "70000"], /Expected a whole number, 0 to 65535/],
      [["--request-timeout", "2147484"], /Expected a whole number, 1 to 2147483/],
      [["--drain-timeout", "999999999"], /Expected a whole number, 1 to 2147483/],
      [["--visual-tokens", "few"], /Expected a count/],
    ];
    for (const [words, message] of refusals) {
      const { status, stderr } = await runInProcess(["serve", ...words]);
      expect([words.join(" "), status === 0]).toEqual([words.join(" "), false]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/short\n|abcdefgh/);
    }
    const server = await serve();
    const port = new URL(server.url).port;
    const second = await prumerge(["serve", "--port", port]);
    expect(second.status).not.toBe(0);
    expect(second.stderr).toMatch(/cannot listen there.*EADDRINUSE/);
    // Before the model is looked for, let alone loaded.
    const early = await prumerge(["serve", "--port", port, "--model", join(folder, "nowhere")]);
    expect(early.stderr).toMatch(/cannot listen there.*EADDRINUSE/);
  });
});
