import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "../src/runtime/index.js";
import { seededRandom } from "../src/tensor/random.js";
import { llava15Spec } from "../test/support/llava-15.js";
import type { BenchResult } from "./result.js";
import { plannerWorks, visionWorks, type Works } from "./support/against-sight.js";
import { writeGeneratedWeights } from "./support/generated-weights.js";

const rows = { unreduced: 576 + 40, reduced: 33 + 40 };
const contexts = [100, 640];
/** Engines are opened anew so often: how fast a token is depends on where its weights came to lie in memory. */
const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 8);
/** Turns of each round. */
const pairs = 2;
/** Tokens of one turn. */
const steps = 8;

/** Milliseconds by what took them. */
class Times extends Map<string, number[]> {
  record(name: string, milliseconds: number): void {
    this.set(name, [...(this.get(name) ?? []), milliseconds]);
  }
}

/** A checkout's own engine over its own graphs, and what it took. */
interface Side {
  readonly engine: Engine;
  readonly times: Times;
}

/**
 * The language model of llava-1.5-7b's geometry as this checkout writes and runs it, against an earlier one's, in turns
 * over the same weights: prefill unreduced and with 33 visual tokens, tokens at 100 and 640 of context; and the tower of
 * CLIP-L/14-336 with its reduction, and the planner. What is counted is processor
 * time, of one thread, and compared are neighbouring runs: what else the machine does disturbs that least.
 *
 * Environment: `PRUMERGE_BENCH_AGAINST`, an earlier checkout with its `dist/` built; `PRUMERGE_BENCH_LAYERS` of each
 * language model (default 2: both are in memory at once), `PRUMERGE_BENCH_ROUNDS` (default 8), `PRUMERGE_BENCH_SCRATCH`.
 */
export async function run(): Promise<BenchResult[]> {
  const against = process.env.PRUMERGE_BENCH_AGAINST;
  if (against === undefined) throw new Error("PRUMERGE_BENCH_AGAINST names no earlier checkout");
  const layers = Number(process.env.PRUMERGE_BENCH_LAYERS ?? 2);
  const scratch = process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir();
  const { bavail, bsize } = await statfs(scratch);
  if (bavail * bsize < 6e9) throw new Error(`${scratch} has no 6 GB to spare`);
  const folder = await mkdtemp(join(scratch, "prumerge-bench-against-"));
  const times = { before: new Times(), now: new Times() };
  try {
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? (["before", "now"] as const) : (["now", "before"] as const);
      const sides: Side[] = [];
      for (const which of order) {
        const engine = await openEngine(which === "now" ? "." : against, folder, layers);
        sides.push({ engine, times: times[which] });
      }
      await new PairedBench(sides).measure();
      for (const { engine } of sides) await engine.dispose();
    }
    await measureSight(against, folder, times);
    const commit = execFileSync("git", ["-C", against, "rev-parse", "--short", "HEAD"], { encoding: "utf8" });
    const about = `processor time of 1 thread; against ${commit.trim()}`;
    return results(times.before, times.now, `${layers} layers, q4 block 32`, about);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Towers and planners of both checkouts, in turns. */
async function measureSight(
  against: string,
  scratch: string,
  times: { readonly before: Times; readonly now: Times },
): Promise<void> {
  const towers = [await visionWorks(against, scratch), await visionWorks(".", scratch)];
  const planners = [await plannerWorks(against), await plannerWorks(".")];
  const all = [
    { works: towers.map(({ works }) => works), turns: 6 },
    { works: planners, turns: 60 },
  ];
  for (const { works, turns } of all) {
    const [before, now] = works as [Works, Works];
    for (const [name, work] of now) {
      const sides = [
        { times: times.before, work: before.get(name)! },
        { times: times.now, work },
      ];
      for (let turn = -2; turn < turns; turn++) {
        for (const side of turn % 2 === 0 ? sides : [...sides].reverse()) {
          const took = await timed(async () => side.work());
          if (turn >= 0) side.times.record(name, took);
        }
      }
    }
  }
  for (const tower of towers) await tower.dispose();
}

/** Writes a folder with a checkout's own graphs, over the weights of the one before, and opens it with its own engine. */
async function openEngine(root: string, scratch: string, layers: number): Promise<Engine> {
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
  return runtime.loadEngine(folder, { threads: 1, dtype: "q4", worker: false });
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
        for (const side of order) side.times.record(`prefill ${name}`, await this.#prefill(side, count));
      }
    }
    for (const context of contexts) await this.#tokens(context);
  }

  async #prefill({ engine }: Side, count: number): Promise<number> {
    const cache = await engine.createCache();
    const data = this.#noise(count);
    const took = await timed(() => engine.forward(cache, data));
    await engine.releaseCache(cache);
    return took;
  }

  /** One after the other, token by token. */
  async #tokens(context: number): Promise<void> {
    const filled = [];
    for (const side of this.sides) {
      const cache = await side.engine.createCache();
      await side.engine.forward(cache, this.#noise(context - steps / 2));
      filled.push({ side, cache });
    }
    for (let pair = 0; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? filled : [...filled].reverse();
      for (const { side, cache } of order) await side.engine.truncateCache(cache, context - steps / 2);
      for (let step = 0; step < steps; step++) {
        for (const { side, cache } of order) {
          side.times.record(`token at ${context}`, await timed(() => side.engine.forward(cache, [step + 5])));
        }
      }
    }
    for (const { side, cache } of filled) await side.engine.releaseCache(cache);
  }

  #noise(count: number) {
    const data = Float32Array.from({ length: count * this.#width }, () => this.#random() * 2 - 1);
    return { rows: count, columns: this.#width, data };
  }
}

function results(before: Times, now: Times, language: string, machine: string): BenchResult[] {
  return [...now].flatMap(([name, times]) => {
    const earlier = before.get(name)!;
    const sight = /^(vision|planner)/.test(name);
    const about = `${sight ? "576 x 1024" : language}, ${machine}`;
    const what = sight ? name : `7b ${name}`;
    const ratios = sorted(times.map((time, at) => time / earlier[at]!));
    const [low, high] = [0.25, 0.75].map((share) =>
      ratios[Math.round(share * (ratios.length - 1))]!.toFixed(3),
    );
    return [
      { name: `${what}, before`, median: median(earlier), unit: "ms", notes: about },
      { name: `${what}, now`, median: median(times), unit: "ms", notes: about },
      {
        name: `${what}, ratio`,
        median: median(times) / median(earlier),
        unit: "ratio",
        notes: `${times.length} runs each; of neighbours, half ${low} .. ${high}; target 0.98 .. 1.02`,
      },
    ];
  });
}

/** Milliseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function median(values: readonly number[]): number {
  return sorted(values)[values.length >> 1]!;
}
