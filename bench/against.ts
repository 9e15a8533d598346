import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "../src/runtime/index.js";
import { seededRandom } from "../src/tensor/random.js";
import { llava15Spec } from "../test/support/llava-15.js";
import type { BenchResult } from "./result.js";
import { writeGeneratedWeights } from "./support/generated-weights.js";

const rows = { unreduced: 576 + 40, reduced: 33 + 40 };
const contexts = [100, 640];
const pairs = Number(process.env.PRUMERGE_BENCH_PAIRS ?? 8);
/** Tokens of one turn. */
const steps = 8;

/** A checkout's own graph builders and engine. */
interface Side {
  readonly engine: Engine;
  readonly times: Map<string, number[]>;
}

/**
 * The language model of llava-1.5-7b's geometry as this checkout writes and runs it, against an earlier one's, in turns
 * over the same weights: prefill unreduced and with 33 visual tokens, tokens at 100 and 640 of context. Compared are the
 * fastest quarter of each, which what else the machine does disturbs least, and neighbouring runs with each other.
 *
 * Environment: `PRUMERGE_BENCH_AGAINST`, an earlier checkout with its `dist/` built; `PRUMERGE_BENCH_LAYERS` of each
 * language model (default 8: both are in memory at once), `PRUMERGE_BENCH_PAIRS` (default 8), `PRUMERGE_BENCH_SCRATCH`.
 */
export async function run(): Promise<BenchResult[]> {
  const against = process.env.PRUMERGE_BENCH_AGAINST;
  if (against === undefined) throw new Error("PRUMERGE_BENCH_AGAINST names no earlier checkout");
  const layers = Number(process.env.PRUMERGE_BENCH_LAYERS ?? 8);
  const scratch = process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir();
  const { bavail, bsize } = await statfs(scratch);
  if (bavail * bsize < 6e9) throw new Error(`${scratch} has no 6 GB to spare`);
  const folder = await mkdtemp(join(scratch, "prumerge-bench-against-"));
  const sides: Side[] = [];
  try {
    for (const root of [against, "."]) sides.push(await openSide(root, folder, layers));
    const bench = new PairedBench(sides);
    await bench.measure();
    const commit = execFileSync("git", ["-C", against, "rev-parse", "--short", "HEAD"], { encoding: "utf8" });
    return bench.results(`${layers} layers, q4 block 32, 2 threads; against ${commit.trim()}`);
  } finally {
    for (const { engine } of sides) await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a folder with a checkout's own graphs, over the weights of the one before, and opens it with its own engine. */
async function openSide(root: string, scratch: string, layers: number): Promise<Side> {
  const load = (path: string) => import(pathToFileURL(resolve(root, "dist", path)).href);
  const [{ buildDecoder }, { buildEmbedTokens }, { GraphWeights }, { WeightFile }, { saveModel }, runtime] =
    await Promise.all(
      [
        "graphs/decoder.js",
        "graphs/embed-tokens.js",
        "graphs/weights.js",
        "onnx/weight-file.js",
        "onnx/write.js",
        "runtime/index.js",
      ].map(load),
    );
  const spec = llava15Spec(layers);
  const folder = await mkdtemp(join(scratch, "side-"));
  await mkdir(join(folder, "onnx"));
  for (const [stem, build] of [
    ["embed_tokens", buildEmbedTokens],
    ["decoder", buildDecoder],
  ] as const) {
    const file = new WeightFile(`${stem}.onnx_data`);
    const graph = build(spec, new GraphWeights(file, { precision: "q4", accuracyLevel: 4 }));
    const weights = join(folder, "onnx", file.location);
    const shared = join(scratch, file.location);
    await link(shared, weights).catch(async () => {
      await writeGeneratedWeights(shared, file);
      await link(shared, weights);
    });
    await saveModel(join(folder, "onnx", `${stem}_q4.onnx`), graph);
  }
  const engine = await runtime.loadEngine(folder, { threads: 2, dtype: "q4", worker: false });
  return { engine, times: new Map() };
}

class PairedBench {
  readonly #random = seededRandom(1);
  readonly #width = llava15Spec().language.hiddenSize;

  constructor(readonly sides: readonly Side[]) {}

  async measure(): Promise<void> {
    for (const side of this.sides) await this.#prefill(side, rows.reduced); // warm-up
    for (let pair = 0; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? this.sides : [...this.sides].reverse();
      for (const [name, count] of Object.entries(rows)) {
        for (const side of order) record(side, `prefill ${name}`, await this.#prefill(side, count));
      }
      for (const context of contexts) await this.#tokens(order, context);
    }
  }

  async #prefill({ engine }: Side, count: number): Promise<number> {
    const cache = await engine.createCache();
    const data = this.#noise(count);
    const took = await timed(() => engine.forward(cache, data));
    await engine.releaseCache(cache);
    return took;
  }

  /** One after the other, token by token. */
  async #tokens(order: readonly Side[], context: number): Promise<void> {
    const caches: number[] = [];
    for (const { engine } of order) {
      const cache = await engine.createCache();
      await engine.forward(cache, this.#noise(context - steps / 2));
      caches.push(cache);
    }
    for (let step = 0; step < steps; step++) {
      for (const [at, side] of order.entries()) {
        record(side, `token at ${context}`, await timed(() => side.engine.forward(caches[at]!, [step + 5])));
      }
    }
    for (const [at, { engine }] of order.entries()) await engine.releaseCache(caches[at]!);
  }

  #noise(count: number) {
    const data = Float32Array.from({ length: count * this.#width }, () => this.#random() * 2 - 1);
    return { rows: count, columns: this.#width, data };
  }

  results(about: string): BenchResult[] {
    const [before, now] = this.sides as [Side, Side];
    return [...now.times.entries()].flatMap(([name, times]) => {
      const earlier = before.times.get(name)!;
      const ratios = sorted(times.map((time, at) => time / earlier[at]!));
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
        ratios[Math.round(share * (ratios.length - 1))]!.toFixed(3),
      );
      return [
        { name: `7b ${name}, before`, median: median(earlier), unit: "ms", notes: about },
        { name: `7b ${name}, now`, median: median(times), unit: "ms", notes: about },
        {
          name: `7b ${name}, ratio`,
          median: fastest(times) / fastest(earlier),
          unit: "ratio",
          notes: `of the fastest quarter of ${times.length}; of neighbours ${middle}, half of them ${low} .. ${high}; target 0.98 .. 1.02`,
        },
      ];
    });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function record({ times }: Side, name: string, milliseconds: number): void {
  times.set(name, [...(times.get(name) ?? []), milliseconds]);
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function median(values: readonly number[]): number {
  return sorted(values)[values.length >> 1]!;
}

/** Mean of the fastest quarter. */
function fastest(values: readonly number[]): number {
  const quarter = sorted(values).slice(0, Math.ceil(values.length / 4));
  return quarter.reduce((sum, value) => sum + value, 0) / quarter.length;
}
