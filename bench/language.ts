import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEngine } from "../dist/runtime/index.js";
import type { GraphReduction } from "../src/reduce/graph-program.js";
import type { PruMergeSettings } from "../src/reduce/prumerge-settings.js";
import type { CacheId } from "../src/runtime/engine.js";
import type { Engine } from "../src/runtime/index.js";
import { loadTensors, openSession, type Session } from "../src/runtime/ort.js";
import { seededRandom } from "../src/tensor/random.js";
import { llava15Spec } from "../test/support/llava-15.js";
import type { BenchResult } from "./result.js";
import { bareInputs } from "./support/bare-products.js";
import { type GeneratedForms, type GeneratedModel, writeGeneratedModel } from "./support/generated-model.js";
import { together } from "./support/language-together.js";

/** Tokens around the picture. */
const textTokens = 40;
/** Of these, the words before it: LLaVA-1.5's system prompt. */
const headTokens = 35;
const whole = 576;
const few = 33;
const repetitions = 3;
const steps = 20;

const settings: PruMergeSettings = {
  exact: true,
  count: few,
  iqrFactor: 1.5,
  neighbours: 32,
  spatial: false,
  globalToken: true,
  rasterOrder: false,
};
const prumerge = { name: "prumerge", settings: { ...settings } };
const identity = "identity";

/**
 * A model of llava-1.5-7b's geometry through the engine that ships, sessions in workers, against its matrix products
 * alone, and steps of several answers in one run: prefill with all visual tokens and with 33, the same behind a system prompt that was computed before, decoding at 100 and 640 tokens of context, memory.
 *
 * Environment: `PRUMERGE_BENCH_SCRATCH`, a folder with 15 GB to spare (default: the system's temporary one);
 * `PRUMERGE_BENCH_PREFILL=int8`, prompts by weights of their own (bare products are of these); `PRUMERGE_BENCH_DTYPE=int8`, the language
 * model; `PRUMERGE_BENCH_TOWER=int8`, the tower;
 * `PRUMERGE_BENCH_PACKED=1`, weights packed in files (12 GB more of disk); `PRUMERGE_BENCH_LAYERS`, fewer layers of the language model for a trial (default 32).
 */
export async function run(): Promise<BenchResult[]> {
  const layers = Number(process.env.PRUMERGE_BENCH_LAYERS ?? 32);
  const spec = llava15Spec(layers);
  const forms = formsFrom(process.env);
  const needed = forms.decoder === "int8" || forms.prefill === "int8" ? 15e9 : 8e9;
  const model = await writeGeneratedModel(spec, process.env.PRUMERGE_BENCH_SCRATCH, needed, forms);
  const packed = process.env.PRUMERGE_BENCH_PACKED === "1" && { packed: join(model.folder, "packed") };
  const dtype = forms.decoder ?? "q4";
  const engine = await loadEngine(model.folder, { threads: 2, dtype, ...packed });
  try {
    const bench = new LanguageBench(engine, spec.language.hiddenSize, spec.language.intermediateSize);
    const about = `${layers} layers, ${describe(forms)}, 2 threads${packed ? ", weights packed in files" : ""}`;
    const results = await bench.measure(model, about);
    await engine.dispose(); // the weights are not to be held twice
    const shared = await together(model.folder, spec, about, dtype);
    const peak: BenchResult = {
      name: "7b peak memory of the bench",
      median: statusBytes("VmHWM") / 1e9,
      unit: "GB",
      notes: `${about}; most resident, the file of the tower and the bare products' session included`,
    };
    return [...results, ...shared, peak];
  } finally {
    await engine.dispose();
    await model.remove();
  }
}

function formsFrom(environment: Readonly<Record<string, string | undefined>>): GeneratedForms {
  const given = (name: string) => environment[`PRUMERGE_BENCH_${name}`] === "int8";
  return {
    ...(given("DTYPE") && { decoder: "int8" }),
    ...(given("PREFILL") && { prefill: "int8" }),
    ...(given("TOWER") && { vision: "int8" }),
  };
}

function describe({ decoder = "q4", prefill, vision = "float32" }: GeneratedForms): string {
  return [
    decoder === "q4" ? "q4 block 32" : decoder,
    ...(prefill ? [`prompts ${prefill}`] : []),
    `${vision === "float32" ? "fp32" : vision} tower`,
  ].join(", ");
}

class LanguageBench {
  readonly #random = seededRandom(1);
  readonly #times = new Map<string, number[]>();

  constructor(
    readonly engine: Engine,
    readonly width: number,
    readonly inner: number,
  ) {}

  async measure(model: GeneratedModel, about: string): Promise<BenchResult[]> {
    const pixels = this.#noise(3 * 336 * 336);
    await this.#firstToken("warm-up", pixels, prumerge);
    await this.#firstToken("warm-up", pixels, identity);
    const memory = await this.#memory();
    const head = await this.engine.createCache();
    await this.engine.forward(
      head,
      Array.from({ length: headTokens }, (_, at) => at + 5),
    );
    const bare = model.bare === undefined ? undefined : await openSession(model.bare, { threads: 2 });
    await this.#bare("warm-up", bare, 1);
    for (let i = 0; i < repetitions; i++) {
      await this.#firstToken("unreduced", pixels, identity);
      await this.#bare("bare unreduced", bare, whole + textTokens);
      await this.#firstToken("reduced", pixels, prumerge);
      await this.#bare("bare reduced", bare, few + textTokens);
      await this.#firstToken("reduced, head kept", pixels, prumerge, head);
      await this.#bare("bare reduced, head kept", bare, few + textTokens - headTokens);
    }
    await this.#decode(bare);
    await bare?.dispose();
    return this.#results(about, memory);
  }

  /**
   * Encoder, splice and prefill, and then one cache less.
   *
   * @param head holds the first words already; a copy of it is part of the time
   */
  async #firstToken(
    name: string,
    pixels: Float32Array,
    reduction: GraphReduction,
    head?: CacheId,
  ): Promise<void> {
    const { engine, width } = this;
    const side = Math.sqrt(pixels.length / 3);
    const started = performance.now();
    const seen = await engine.see({ data: pixels, height: side, width: side }, reduction);
    const encoded = performance.now();
    const words = textTokens - (head === undefined ? 0 : headTokens);
    const text = await engine.embed(Array.from({ length: words }, (_, i) => i + 5));
    const data = new Float32Array((text.rows + seen.features.rows) * width);
    data.set(seen.features.data);
    data.set(text.data, seen.features.data.length);
    const spliced = performance.now();
    const cache = await (head === undefined ? engine.createCache() : engine.forkCache(head, headTokens));
    await engine.forward(cache, { rows: data.length / width, columns: width, data });
    const done = performance.now();
    this.#record(`${name}: encoder`, encoded - started);
    this.#record(`${name}: prefill`, done - spliced);
    this.#record(`${name}: first token`, done - started);
    await engine.releaseCache(cache);
  }

  /** Anonymous memory with the unreduced model's whole context in a cache, some tokens into its answer. */
  async #memory(): Promise<number> {
    const { engine, width } = this;
    const rows = whole + textTokens;
    const cache = await engine.createCache();
    await engine.forward(cache, { rows, columns: width, data: this.#noise(rows * width) });
    for (let i = 0; i < 4; i++) await engine.forward(cache, [i + 5]);
    const bytes = anonymousBytes();
    await engine.releaseCache(cache);
    return bytes;
  }

  /** Tokens one after another around a length of context, in turns with the bare products. */
  async #decode(bare: Session | undefined): Promise<void> {
    for (let i = 0; i < repetitions; i++) {
      for (const context of [100, whole + textTokens + 24]) {
        const { engine, width } = this;
        const cache = await engine.createCache();
        const rows = context - steps / 2;
        await engine.forward(cache, { rows, columns: width, data: this.#noise(rows * width) });
        for (let step = 0; step < steps; step++) {
          const started = performance.now();
          await engine.forward(cache, [step + 5]);
          this.#record(`token at ${context}`, performance.now() - started);
          await this.#bare("bare token", bare, 1);
        }
        await engine.releaseCache(cache);
      }
    }
  }

  async #bare(name: string, session: Session | undefined, rows: number): Promise<void> {
    if (session === undefined) return;
    const { float32 } = await loadTensors();
    const feeds = {
      [bareInputs.narrow]: float32(this.#noise(rows * this.width), [rows, this.width]),
      [bareInputs.attended]: float32(this.#noise(rows * this.width), [rows, this.width]),
      [bareInputs.wide]: float32(this.#noise(rows * this.inner), [rows, this.inner]),
    };
    const started = performance.now();
    await session.run(feeds);
    this.#record(name, performance.now() - started);
  }

  #noise(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.#random() * 2 - 1);
  }

  #record(name: string, milliseconds: number): void {
    const times = this.#times.get(name) ?? [];
    times.push(milliseconds);
    this.#times.set(name, times);
  }

  #results(about: string, memory: number): BenchResult[] {
    const time = (name: string): BenchResult => {
      const all = this.#times.get(name)!;
      const notes = `${about}; median of ${all.length}, ${Math.min(...all).toFixed(0)} .. ${Math.max(...all).toFixed(0)}`;
      return { name: `7b ${name}`, median: median(all), unit: "ms", notes };
    };
    const ratio = (name: string, over: string, under: string, target: string): BenchResult => {
      const value = median(this.#times.get(over)) / median(this.#times.get(under));
      return {
        name: `7b ${name}`,
        median: value,
        unit: "ratio",
        notes: `${over} over ${under}; target ${target}`,
      };
    };
    const far = `token at ${whole + textTokens + 24}`;
    return [
      ...[...this.#times.keys()].filter((name) => !name.startsWith("warm-up")).map(time),
      ratio("first token gain", "unreduced: first token", "reduced: first token", "at least 4.5"),
      ratio(
        "first token gain, head kept",
        "unreduced: first token",
        "reduced, head kept: first token",
        "at least 8.5",
      ),
      {
        name: "7b reduced, head kept: first token over its bare work",
        median:
          median(this.#times.get("reduced, head kept: first token")) /
          (median(this.#times.get("reduced, head kept: encoder")) +
            median(this.#times.get("bare reduced, head kept"))),
        unit: "ratio",
        notes: "over encoder and bare products of the rows that are new; target at most 1.25",
      },
      ratio("prefill over bare", "unreduced: prefill", "bare unreduced", "at most 1.15"),
      ratio("reduced prefill over bare", "reduced: prefill", "bare reduced", "none"),
      ratio("token over bare", "token at 100", "bare token", "at most 1.15"),
      ratio("long context", far, "token at 100", "at most 1.3"),
      {
        name: "7b anonymous memory",
        median: memory / 1e9,
        unit: "GB",
        notes: `${about}; whole process with tower, language model and ${whole + textTokens + 4} tokens; target at most 6.5`,
      },
    ].filter((result) => !Number.isNaN(result.median)); // ratios to what this variant has not
  }
}

function anonymousBytes(): number {
  return statusBytes("RssAnon");
}

function statusBytes(name: string): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** NaN of none. */
function median(values: readonly number[] = []): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
