import type { BenchResult } from "../result.js";
import { ServeProcess } from "./serve-process.js";
import { byClients, colouredPictures, quantile, type Sample, StreamingClient } from "./serve-requests.js";

const counts = [1, 2, 4, 8, 16, 32, 64] as const;
const ways = [
  { name: "in turns", words: ["--batch-memory", "0"] },
  { name: "together", words: ["--batch-memory", "1024"] },
] as const;
const maxTokens = 32;
const question = "Describe the image.";

interface Round {
  readonly requests: number;
  readonly tokens: number;
  /** Milliseconds of the server's processor time for one token. */
  readonly work: number;
  readonly samples: readonly Sample[];
}

/**
 * The same requests about remembered pictures to two servers in turns: one whose answers take turns, one whose answers share runs of the
 * language model. Requests and tokens a second and the first token's time at 1 to 64 clients, as ratios inside this run.
 *
 * @param perClient requests of each client in a round
 * @param rounds of every count; the median is told
 */
export async function batching(perClient: number, rounds: number): Promise<BenchResult[]> {
  const pictures = await colouredPictures(8);
  const threads = process.env.PRUMERGE_BENCH_THREADS;
  const limits = ["--max-running", "64", "--max-waiting", "64", ...(threads ? ["--threads", threads] : [])];
  const servers = new Map<string, ServeProcess>();
  const all = new Map<string, Round[]>();
  try {
    for (const { name, words } of ways) servers.set(name, await ServeProcess.start([...limits, ...words]));
    for (let round = -1; round < rounds; round++) {
      for (const clients of counts) {
        for (const { name } of round % 2 === 0 ? ways : ways.toReversed()) {
          const done = await ask(servers.get(name)!, pictures, clients, Math.max(24, perClient * clients));
          // The first round opens sessions and remembers pictures.
          if (round >= 0) all.set(`${name}, ${clients}`, [...(all.get(`${name}, ${clients}`) ?? []), done]);
        }
      }
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  return report(all);
}

async function ask(
  server: ServeProcess,
  pictures: readonly string[],
  clients: number,
  asked: number,
): Promise<Round> {
  const client = new StreamingClient(server.url, clients);
  const before = await server.metric("process_cpu_seconds_total");
  const start = performance.now();
  const samples = await byClients(clients, asked, (at) =>
    client.ask(pictures[at % pictures.length]!, question, {}, maxTokens),
  );
  const seconds = (performance.now() - start) / 1000;
  await client.close();
  const tokens = samples.reduce((sum, one) => sum + one.tokens, 0);
  const work = (1000 * ((await server.metric("process_cpu_seconds_total")) - before)) / tokens;
  return { requests: samples.length / seconds, tokens: tokens / seconds, work, samples };
}

function report(all: ReadonlyMap<string, readonly Round[]>): BenchResult[] {
  const median = (key: string, of: (round: Round) => number) => quantile(all.get(key)!.map(of), 0.5);
  const first = (key: string, share: number) =>
    quantile(
      all.get(key)!.flatMap(({ samples }) => samples.map(({ firstToken }) => firstToken)),
      share,
    );
  const results: BenchResult[] = [];
  for (const [key, rounds] of all) {
    const label = `batching: ${key} client${key.endsWith(" 1") ? "" : "s"}`;
    const notes = `${rounds.length} rounds of ${rounds[0]!.samples.length} requests, warm pictures, ${maxTokens} tokens at most`;
    const p99 = first(key, 0.99);
    console.error(
      `${label}: ${median(key, ({ requests }) => requests).toFixed(1)}/s, ${median(key, ({ tokens }) => tokens).toFixed(0)} tokens/s, ${median(key, ({ work }) => work).toFixed(2)} ms of work a token, first token ${first(key, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)}`,
    );
    results.push(
      { name: `${label}: requests`, median: median(key, ({ requests }) => requests), unit: "/s", notes },
      { name: `${label}: tokens`, median: median(key, ({ tokens }) => tokens), unit: "/s", notes },
      {
        name: `${label}: the server's work for a token`,
        median: median(key, ({ work }) => work),
        unit: "ms",
        notes: `processor time of all its threads, which other programs disturb less; ${notes}`,
      },
      {
        name: `${label}: first token`,
        median: first(key, 0.5),
        unit: "ms",
        notes: `p99 ${p99.toFixed(1)} ms; ${notes}`,
      },
    );
  }
  const requests = (key: string) => median(key, (round) => round.requests);
  for (const clients of counts) {
    results.push({
      name: `batching: together over in turns, ${clients}`,
      median: requests(`together, ${clients}`) / requests(`in turns, ${clients}`),
      unit: "ratio",
      notes: `requests a second in this run${clients === 1 ? "; at least 0.97 is wanted" : ""}`,
    });
  }
  results.push(
    {
      name: "batching: 64 clients over 1",
      median: requests("together, 64") / requests("together, 1"),
      unit: "ratio",
      notes: "requests a second, together; at least 3 is wanted",
    },
    {
      name: "batching: 64 clients, p99 over p50 of the first token",
      median: first("together, 64", 0.99) / first("together, 64", 0.5),
      unit: "ratio",
      notes: "together; at most 4 is wanted",
    },
  );
  return results;
}
