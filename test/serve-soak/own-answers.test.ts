import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServeProcess } from "../../bench/support/serve-process.js";
import { byClients, StreamingClient } from "../../bench/support/serve-requests.js";
import { convert } from "../../src/convert/convert.js";
import { bundledCheckpoint } from "../support/bundled.js";

/** Requests in all; `PRUMERGE_SOAK_REQUESTS` sets another number, 10,000 for the long form. */
const requests = Number(process.env.PRUMERGE_SOAK_REQUESTS ?? 480);
const clients = 32;
/** Of the requests; memory is looked at after each. */
const parts = 10;
/** What the server may take after the last part, of what it takes after half of them. */
const mostGrowth = 1.1;
/** The word that is written in a picture. */
const question = "What is written in the image?";
const maxTokens = 12;
const mostPictures = requests < 2000 ? 70 : 150;
const folder = new URL("../../benchmarks/pocket/textvqa/train_images/", import.meta.url);

interface Asked {
  readonly picture: string;
  readonly tokens: number;
  /** To the request alone. */
  readonly answer: string;
}

let server: ServeProcess;
let client: StreamingClient;
const parent = mkdtempSync(join(tmpdir(), "prumerge-soak-"));

beforeAll(async () => {
  // In float32: rounded to 8 bits, a word that is nearly another depends on how prompts are cut, which depends on who else asks.
  const model = join(parent, "pocket-llava");
  await convert(bundledCheckpoint, model, { dtype: "fp32", workers: 0 });
  server = await ServeProcess.start([
    ...["--model", model],
    ...["--batch-memory", "256", "--max-running", String(clients), "--max-waiting", "64"],
    // Room for some of the pictures, so that answers about new ones and remembered ones share runs.
    ...["--picture-memory", "4", "--prefix-memory", "48"],
  ]);
  client = new StreamingClient(server.url, clients);
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
  rmSync(parent, { recursive: true });
});

async function ask(picture: string, tokens: number): Promise<string> {
  return (await client.ask(picture, question, { visual_tokens: tokens }, maxTokens)).text;
}

/** Pictures that no two of which get the same answer, with what is said of each when nobody else asks. */
async function pictures(): Promise<Asked[]> {
  const files = readdirSync(folder).sort().slice(0, mostPictures);
  const byAnswer = new Map<string, Asked>();
  for (const [at, file] of files.entries()) {
    const picture = `data:image/jpeg;base64,${readFileSync(new URL(file, folder)).toString("base64")}`;
    const tokens = 32 + 16 * (at % 3);
    const answer = await ask(picture, tokens);
    if (!byAnswer.has(answer)) byAnswer.set(answer, { picture, tokens, answer });
  }
  return [...byAnswer.values()];
}

describe(`${requests} requests whose answers share runs`, () => {
  it(
    "get the answers of their own pictures, and leave memory flat",
    async () => {
      const all = await pictures();
      expect(all.length).toBeGreaterThan(mostPictures / 2);
      const wrong: string[] = [];
      const megabytes: number[] = [];
      const begun = performance.now();
      for (let part = 0; part < parts; part++) {
        await byClients(clients, Math.ceil(requests / parts), async (at) => {
          const one = all[(at * 7 + part * 13) % all.length]!;
          const answer = await ask(one.picture, one.tokens);
          if (answer === one.answer) return;
          const owner = all.find((other) => other.answer === answer);
          wrong.push(
            `${JSON.stringify(answer)} for ${JSON.stringify(one.answer)}${owner ? ", another's" : ""}`,
          );
        });
        megabytes.push((await server.metric("process_resident_memory_bytes")) / 1e6);
      }
      const seconds = (performance.now() - begun) / 1000;
      console.log(`${requests} requests about ${all.length} pictures in ${seconds.toFixed(0)} s`);
      console.log(`resident, MB: ${megabytes.map((value) => value.toFixed(0)).join(", ")}`);
      expect(wrong).toEqual([]);
      expect(await server.metric("prumerge_requests_running")).toBe(0);
      // What is remembered fills the first half.
      expect(megabytes.at(-1)! / megabytes[parts / 2]!, megabytes.join(", ")).toBeLessThan(mostGrowth);
    },
    600_000 + 500 * requests,
  );
});
