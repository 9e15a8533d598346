import { loadEngine } from "../dist/runtime/index.js";
import { runFamily } from "../src/families/run-registry.js";
import type { PixelValues } from "../src/image/picture.js";
import { noReduction } from "../src/reduce/methods/none.js";
import { pruMerge } from "../src/reduce/methods/prumerge.js";
import type { Reducer } from "../src/reduce/reducer.js";
import type { Engine } from "../src/runtime/index.js";
import { seePixels } from "../src/see/see.js";
import { seededRandom } from "../src/tensor/random.js";
import { videoLlava7bSpec } from "../test/support/video-llava-7b.js";
import type { BenchResult } from "./result.js";
import { writeGeneratedModel } from "./support/generated-model.js";

/** Tokens around the video. */
const textTokens = 40;
/** Of the 2,048 that the paper counts; 31 and the extra one of each frame. */
const few = 256;

/**
 * A model of Video-LLaVA-7B's geometry, its authors' tower for videos included: from pixel values of 8 frames to the first token,
 * with every visual token and with 256, in turns; encoder and prefill apart.
 *
 * Environment: `PRUMERGE_BENCH_SCRATCH`, a folder with 8 GB to spare (default: the system's temporary one); for a trial
 * `PRUMERGE_BENCH_LAYERS` and `PRUMERGE_BENCH_TOWER_LAYERS`, fewer layers of the language model (default 32) and of the towers
 * (24), and `PRUMERGE_BENCH_ROUNDS` (3).
 */
export async function run(): Promise<BenchResult[]> {
  const count = (name: string, usual: number) => Number(process.env[`PRUMERGE_BENCH_${name}`] ?? usual);
  const [layers, towerLayers] = [count("LAYERS", 32), count("TOWER_LAYERS", 24)];
  const spec = videoLlava7bSpec(layers, towerLayers);
  const model = await writeGeneratedModel(spec, process.env.PRUMERGE_BENCH_SCRATCH);
  const engine = await loadEngine(model.folder, { threads: 2, dtype: "q4" });
  try {
    const bench = new VideoBench(engine, spec);
    const about = `${layers} layers, q4 block 32; fp32 tower, ${towerLayers} layers; 2 threads`;
    return await bench.measure(count("ROUNDS", 3), about);
  } finally {
    await engine.dispose();
    await model.remove();
  }
}

const ways: Readonly<Record<string, () => Reducer>> = {
  unreduced: noReduction,
  reduced: () => pruMerge({ tokens: few }),
};

class VideoBench {
  readonly #times = new Map<string, number[]>();
  readonly #rows = new Map<string, number>();

  constructor(
    readonly engine: Engine,
    readonly spec: ReturnType<typeof videoLlava7bSpec>,
  ) {}

  async measure(rounds: number, about: string): Promise<BenchResult[]> {
    const pixels = this.#frames();
    for (const way of Object.keys(ways)) await this.#firstToken(way, pixels);
    this.#times.clear(); // the first of each opened its session
    for (let round = 0; round < rounds; round++)
      for (const way of Object.keys(ways)) await this.#firstToken(way, pixels);
    return this.#results(about);
  }

  /** Noise in the place of frames, of which the towers' time is none the wiser. */
  #frames(): PixelValues {
    const { count } = runFamily(this.spec).video!(this.spec).sampling;
    const { imageSize: side } = this.spec.watching.vision;
    const random = seededRandom(1);
    const rectangle = { x: 0, y: 0, width: side, height: side };
    const views = Array.from({ length: count }, (_, frame) => ({
      data: Float32Array.from({ length: 3 * side * side }, () => random() * 2 - 1),
      ...{ height: side, width: side, rectangle, frame },
    }));
    return { views, picture: { width: side, height: side }, frames: count };
  }

  /** Encoder with reduction, splice and prefill. */
  async #firstToken(way: string, pixels: PixelValues): Promise<void> {
    const { engine, spec } = this;
    const started = performance.now();
    const seen = await seePixels(engine, spec, pixels, ways[way]!(), false);
    const encoded = performance.now();
    const text = await engine.embed(Array.from({ length: textTokens }, (_, at) => at + 5));
    const { columns } = text;
    const data = new Float32Array((text.rows + seen.embeddings.rows) * columns);
    data.set(seen.embeddings.data);
    data.set(text.data, seen.embeddings.data.length);
    const spliced = performance.now();
    const cache = await engine.createCache();
    await engine.forward(cache, { rows: data.length / columns, columns, data });
    const done = performance.now();
    await engine.releaseCache(cache);
    this.#rows.set(way, seen.embeddings.rows);
    this.#record(`${way}: encoder`, encoded - started);
    this.#record(`${way}: prefill`, done - spliced);
    this.#record(`${way}: first token`, done - started);
  }

  #record(name: string, milliseconds: number): void {
    this.#times.set(name, [...(this.#times.get(name) ?? []), milliseconds]);
  }

  #results(about: string): BenchResult[] {
    const times = [...this.#times].map(([name, all]): BenchResult => {
      const rows = this.#rows.get(name.split(":")[0]!)!;
      const spread = `median of ${all.length}, ${Math.min(...all).toFixed(0)} .. ${Math.max(...all).toFixed(0)}`;
      return {
        name: `video ${name}`,
        median: median(all),
        unit: "ms",
        notes: `${rows} visual and ${textTokens} other tokens; ${about}; ${spread}`,
      };
    });
    const gain = (part: string) =>
      median(this.#times.get(`unreduced: ${part}`)!) / median(this.#times.get(`reduced: ${part}`)!);
    return [
      ...times,
      {
        name: "video first token gain",
        median: gain("first token"),
        unit: "ratio",
        notes: "unreduced over reduced, encoder included; target at least 5",
      },
      { name: "video prefill gain", median: gain("prefill"), unit: "ratio", notes: "unreduced over reduced" },
    ];
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
