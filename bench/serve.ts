import type { BenchResult } from "./result.js";
import { batching } from "./support/serve-batching.js";
import { ServeProcess } from "./support/serve-process.js";
import {
  byClients,
  colouredPictures,
  quantile,
  type Sample,
  StreamingClient,
} from "./support/serve-requests.js";

const question = "What is in this picture?";
const maxTokens = 16;
const counts = [1, 8, 64] as const;
const reductions = [
  { name: "reduced", prumerge: {} },
  { name: "unreduced", prumerge: { method: "none" } },
] as const;

/**
 * `prumerge serve` of the bundled model as a process of its own, asked over loopback: time to first token and requests a
 * second at 1, 8 and 64 clients, with pictures that are new and pictures seen before, with and without reduction; the
 * server's own share of a request; answers that share runs beside answers that take turns, at 1 to 64 clients; and its memory over
 * many requests with 200 pictures.
 *
 * Environment, for trials: `PRUMERGE_BENCH_REQUESTS`, requests of the memory part (default 10,000);
 * `PRUMERGE_BENCH_PER_CLIENT`, requests per client of the other parts (default 8, and at least 48 in all);
 * `PRUMERGE_BENCH_ROUNDS`, rounds of the part about sharing runs (default 5);
 * `PRUMERGE_BENCH_THREADS`, threads of a run there: with 1 the server's work is what is computed, without threads that wait.
 */
export async function run(): Promise<BenchResult[]> {
  const requests = Number(process.env.PRUMERGE_BENCH_REQUESTS ?? 10_000);
  const perClient = Number(process.env.PRUMERGE_BENCH_PER_CLIENT ?? 8);
  const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 5);
  const results = await speed(perClient);
  const shared = await batching(Math.ceil(perClient / 2), rounds);
  return [...results, ...shared, ...(await memory(requests))];
}

async function speed(perClient: number): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const firstTokens = new Map<string, number>();
  for (const { name, prumerge } of reductions) {
    for (const clients of counts) {
      const asked = Math.max(perClient * clients, perClient >= 8 ? 48 : perClient);
      const pictures = await colouredPictures(asked);
      const server = await ServeProcess.start(["--max-running", "64", "--max-waiting", "64"]);
      const client = new StreamingClient(server.url, clients);
      try {
        await client.ask(pictures[0]!, question, { ...prumerge, remember: false }, maxTokens); // opens the sessions
        for (const warmth of ["cold", "warm"] as const) {
          const start = performance.now();
          const samples = await byClients(clients, asked, (at) =>
            client.ask(pictures[warmth === "cold" ? at : at % 4]!, question, prumerge, maxTokens),
          );
          const seconds = (performance.now() - start) / 1000;
          const label = `${name}, ${warmth} picture, ${clients} client${clients === 1 ? "" : "s"}`;
          console.error(`${label}: ${samples.length} requests in ${seconds.toFixed(1)} s`);
          firstTokens.set(
            label,
            quantile(
              samples.map((sample) => sample.firstToken),
              0.5,
            ),
          );
          results.push(...describe(label, samples, seconds));
        }
      } finally {
        await client.close();
        await server.stop();
      }
    }
  }
  for (const { name } of reductions) {
    const of = (warmth: string) => firstTokens.get(`${name}, ${warmth} picture, 1 client`)!;
    results.push({
      name: `${name}: first token, cold / warm`,
      median: of("cold") / of("warm"),
      unit: "ratio",
      notes: "of the medians at 1 client; at least 3 is wanted",
    });
  }
  return results;
}

function describe(label: string, samples: readonly Sample[], seconds: number): BenchResult[] {
  const first = samples.map(({ firstToken }) => firstToken);
  const rest = samples.map(ownShare);
  const notes = `${samples.length} requests, ${maxTokens} tokens at most`;
  return [
    { name: `${label}: requests`, median: samples.length / seconds, unit: "/s", notes },
    {
      name: `${label}: first token`,
      median: quantile(first, 0.5),
      unit: "ms",
      notes: `p99 ${quantile(first, 0.99).toFixed(1)} ms; ${notes}`,
    },
    ...(label.endsWith(" 1 client")
      ? [
          {
            name: `${label}: all but the model`,
            median: quantile(rest, 0.5),
            unit: "ms",
            notes: `p99 ${quantile(rest, 0.99).toFixed(1)} ms; whole request at the client, without encoding, prefill and decoding; below 5 is wanted`,
          },
          {
            name: `${label}: of that, reading the picture`,
            median: quantile(samples.map(readingShare), 0.5),
            unit: "ms",
            notes: "base64, hash, decoding, resizing; the last two only where it was not remembered",
          },
        ]
      : []),
  ];
}

/** What the server took for the request's pictures before the model got them. */
function readingShare({ report }: Sample): number {
  return report.timings.pictures_ms - encoding(report);
}

/** The vision tower's and the reduction's share. */
function encoding({ pictures }: Sample["report"]): number {
  return pictures.reduce((sum, one) => sum + (one.remembered ? 0 : one.encode_ms), 0);
}

/** What a request took beside the model: HTTP, JSON, decoding and resizing the picture, tokenising, both event loops. */
function ownShare({ total, report, tokens }: Sample): number {
  const { prefill_ms: prefill, per_token_ms: perToken } = report.timings;
  return total - encoding(report) - (prefill ?? 0) - (perToken ?? 0) * Math.max(0, tokens - 1);
}

async function memory(requests: number): Promise<BenchResult[]> {
  const pictures = await colouredPictures(200);
  // Room for about half of the pictures, so that forgetting is part of it.
  const server = await ServeProcess.start(["--picture-memory", "32", "--prefix-memory", "128"]);
  const client = new StreamingClient(server.url, 8);
  const resident: number[] = [];
  try {
    const parts = 10;
    for (let part = 0; part < parts; part++) {
      await byClients(8, Math.ceil(requests / parts), (at) =>
        client.ask(pictures[(at * 7 + part) % pictures.length]!, question, {}, 4),
      );
      resident.push((await server.metric("process_resident_memory_bytes")) / 1e6);
      console.error(`memory: part ${part + 1} of ${parts}, ${resident.at(-1)!.toFixed(0)} MB`);
    }
    const [first, last] = [resident[1]!, resident.at(-1)!];
    const kept = await server.metric("prumerge_picture_memory_pictures");
    return [
      {
        name: `memory after ${requests} requests`,
        median: last,
        unit: "MB",
        notes: `resident; after each tenth: ${resident.map((value) => value.toFixed(0)).join(", ")}; ${kept} of ${pictures.length} pictures remembered`,
      },
      {
        name: "memory: last / second tenth",
        median: last / first,
        unit: "ratio",
        notes: "at most 1.1 is wanted; the first tenth fills memories and heaps",
      },
    ];
  } finally {
    await client.close();
    await server.stop();
  }
}
