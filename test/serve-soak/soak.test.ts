import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServeProcess } from "../../bench/support/serve-process.js";
import { byClients, colouredPictures, StreamingClient } from "../../bench/support/serve-requests.js";
import { rise } from "../support/trend.js";

/** Seconds of requests; `PRUMERGE_SOAK_SECONDS` sets others. */
const seconds = Number(process.env.PRUMERGE_SOAK_SECONDS ?? 60);
const clients = 8;
/** `PRUMERGE_SOAK_BATCH_MEMORY`, MiB: answers share runs of the language model; otherwise they take turns. */
const { PRUMERGE_SOAK_BATCH_MEMORY: batchMemory } = process.env;
const together = batchMemory === undefined ? [] : ["--batch-memory", batchMemory];
/** Looks at the server's memory, evenly spread. */
const looks = 24;
/** What the server's memory may grow by in the second half, by its trend. */
const mostRise = 0.05;

let server: ServeProcess;
let client: StreamingClient;
let pictures: string[];
beforeAll(async () => {
  pictures = await colouredPictures(40);
  // Room for some of the pictures, so that forgetting is part of it.
  server = await ServeProcess.start(
    ["--picture-memory", "4", "--prefix-memory", "32", ...together],
    ["--expose-gc", "--import", fileURLToPath(new URL("collected-memory.mjs", import.meta.url))],
  );
  client = new StreamingClient(server.url, clients);
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});

/** Megabytes that the server takes after a collection in each of its threads. */
async function resident(): Promise<number> {
  const answer = once(server.process, "message");
  server.process.send("collect");
  const [message] = (await answer) as [{ resident: number }];
  return message.resident / 1e6;
}

/** Sound requests, refused ones, and clients that leave in the middle. */
async function anyRequest(at: number): Promise<string> {
  const picture = pictures[(at * 7) % pictures.length]!;
  if (at % 10 === 3) {
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "pocket-llava", messages: [{ role: "user", content: at }] }),
    });
    await answer.text();
    return String(answer.status);
  }
  if (at % 10 === 7) {
    const content = [
      { type: "image_url", image_url: { url: picture } },
      { type: "text", text: "What is in this picture?" },
    ];
    const controller = new AbortController();
    setTimeout(() => controller.abort(), (at * 13) % 60);
    const answered = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "pocket-llava", messages: [{ role: "user", content }], stream: true }),
      signal: controller.signal,
    })
      .then((answer) => answer.text())
      .catch(() => undefined);
    return answered === undefined ? "left" : "200";
  }
  await client.ask(picture, "What is in this picture?", { visual_tokens: 16 + (at % 3) * 16 }, 4);
  return "200";
}

describe("a minute of requests", () => {
  it("leaves memory flat, slots free, and every answer whole", async () => {
    const outcomes = new Map<string, number>();
    const megabytes: number[] = [];
    const begun = performance.now();
    let at = 0;
    for (let part = 0; part < looks; part++) {
      const until = begun + ((part + 1) * seconds * 1000) / looks;
      await Promise.all(
        Array.from({ length: clients }, async () => {
          // However slow the machine is, the caches are full before the second half.
          for (let asked = 0; asked < 2 || performance.now() < until; asked++) {
            const outcome = await anyRequest(at++);
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          }
        }),
      );
      megabytes.push(await resident());
    }
    console.log(`${at} requests: ${[...outcomes].map((pair) => pair.join(" ")).join(", ")}`);
    console.log(`resident, MB: ${megabytes.map((value) => value.toFixed(1)).join(", ")}`);
    expect([...outcomes.keys()].sort()).toEqual(["200", "400", "left"]);
    await expect.poll(() => server.metric("prumerge_requests_running")).toBe(0);
    expect(await server.metric("prumerge_requests_waiting")).toBe(0);
    expect(await server.metric("prumerge_picture_memory_bytes")).toBeLessThanOrEqual(4 * 2 ** 20);
    const second = megabytes.slice(looks / 2);
    expect(rise(second), second.join(", ")).toBeLessThan(mostRise * second[0]!);
    const [one] = await byClients(1, 1, () => client.ask(pictures[0]!, "What is in this picture?", {}, 4));
    expect(one!.tokens).toBeGreaterThan(0);
  });
});
