import { loadDecoder, loadEngine } from "../../../dist/runtime/index.js";
import { findGraphs } from "../../../dist/runtime/model-folder.js";
import { tokenCount } from "../../../src/graphs/vision-tower.js";
import type { CacheId, Engine } from "../../../src/runtime/engine.js";
import { loadTensors, openSession } from "../../../src/runtime/ort.js";
import { seededRandom } from "../../../src/tensor/random.js";
import { llava15Spec } from "../../../test/support/llava-15.js";
import { bareInputs } from "../bare-products.js";
import { bareTowerInputs } from "../bare-tower.js";
import { type GeneratedModel, writeGeneratedModel } from "../generated-model.js";
import { elapsed } from "./best-ratio.js";
import type { Measured } from "./measured.js";

const [whole, few, textTokens] = [576, 33, 40];
const prumerge = {
  name: "prumerge",
  settings: {
    ...{ exact: true, count: few, iqrFactor: 1.5, neighbours: 32 },
    ...{ spatial: false, globalToken: true, rasterOrder: false },
  },
};
/** Answers that share runs, and tokens in a row: one alone is too short for a clock that counts in steps. */
const [together, inARow] = [8, 8];
/** One: what it takes is the work then, without threads that wait for others. */
const threads = 1;

/** LLaVA-1.5's kind with fewer and narrower layers, whose runs take milliseconds. */
function smallSpec() {
  const { vision, projector, language, ...rest } = llava15Spec(3, 5);
  const heads = 8;
  return {
    ...rest,
    vision: { ...vision, hiddenSize: 512, heads, intermediateSize: 2048 },
    projector: { ...projector, hiddenSize: 1024 },
    language: {
      ...{ ...language, hiddenSize: 1024, heads, keyValueHeads: heads },
      ...{ intermediateSize: 2816, vocabularySize: 8192 },
    },
  };
}

/** The engine that ships over generated weights, q4, against the products of the same weights alone. */
export async function smallModel(measured: Measured): Promise<void> {
  const spec = smallSpec();
  const model = await writeGeneratedModel(spec, undefined, 2e8);
  const files = await findGraphs(model.folder, "q4");
  const decoder = await loadDecoder(files, spec, { pool: { most: together, bytes: 2 ** 28 } });
  const engine: Engine = await loadEngine(files, { threads, decoder });
  try {
    const small = new SmallModel(engine, spec, measured);
    await small.encoder(model);
    await small.language(model);
  } finally {
    await engine.dispose();
    await model.remove();
  }
}

class SmallModel {
  readonly #random = seededRandom(1);

  constructor(
    readonly engine: Engine,
    readonly spec: ReturnType<typeof smallSpec>,
    readonly measured: Measured,
  ) {}

  async encoder(model: GeneratedModel): Promise<void> {
    const { vision, featureLayer } = this.spec;
    const bare = await openSession(model.bareTower, { threads });
    const rows = tokenCount(vision);
    const feeds = {
      [bareTowerInputs.narrow]: await this.#noise(rows, vision.hiddenSize),
      [bareTowerInputs.wide]: await this.#noise(rows, vision.intermediateSize),
    };
    const side = vision.imageSize;
    const view = { data: this.#numbers(3 * side ** 2), height: side, width: side };
    await this.measured.ratio(
      "encoder with prumerge over bare products",
      `${featureLayer} layers of width ${vision.hiddenSize}, ${whole} patches to ${few} tokens`,
      () => this.engine.see(view, prumerge),
      () => bare.run(feeds),
    );
    await bare.dispose();
  }

  async language(model: GeneratedModel): Promise<void> {
    const { measured } = this;
    const bare = await openSession(model.bare!, { threads });
    for (const rows of [whole + textTokens, few + textTokens]) {
      const feeds = await this.#bareFeeds(rows);
      const prefill = async () => this.engine.releaseCache(await this.#prefilled(rows));
      await measured.ratio(`prefill of ${rows} over bare products`, "q4", prefill, () => bare.run(feeds));
    }

    const one = await this.#bareFeeds(1);
    const bareSteps = async () => {
      for (let at = 0; at < inARow; at++) await bare.run(one);
    };
    const caches: CacheId[] = [];
    for (let at = 0; at < together; at++) caches.push(await this.#prefilled(100));
    const alone = () => this.#steps(caches.slice(0, 1), 100);
    const near = "token at 100 over bare products";
    await measured.ratio(near, "processor time of all threads", alone, bareSteps, { runs: 12 });
    const passing = { runs: 24, clock: elapsed };
    await measured.ratio(`${near}, time that passes`, "to the worker and back", alone, bareSteps, passing);
    const all = () => this.#steps(caches, 100);
    await measured.ratio(`step of ${together} over one alone`, "in one run", all, alone, { runs: 8 });

    const far = whole + textTokens + 24;
    const long = [await this.#prefilled(far)];
    const steps = () => this.#steps(long, far);
    await measured.ratio(`token at ${far} over bare products`, "attention", steps, bareSteps, { runs: 12 });
    await bare.dispose();
  }

  async #prefilled(rows: number): Promise<CacheId> {
    const columns = this.spec.language.hiddenSize;
    const cache = await this.engine.createCache();
    await this.engine.forward(cache, { rows, columns, data: this.#numbers(rows * columns) });
    return cache;
  }

  /** Tokens in a row of each, and all of them forgotten again. */
  async #steps(caches: readonly CacheId[], context: number): Promise<void> {
    const { engine } = this;
    for (let at = 0; at < inARow; at++) {
      await Promise.all(caches.map((cache) => engine.forward(cache, [at + 5])));
    }
    for (const cache of caches) await engine.truncateCache(cache, context);
  }

  async #bareFeeds(rows: number) {
    const { hiddenSize, intermediateSize } = this.spec.language;
    return {
      [bareInputs.narrow]: await this.#noise(rows, hiddenSize),
      [bareInputs.attended]: await this.#noise(rows, hiddenSize),
      [bareInputs.wide]: await this.#noise(rows, intermediateSize),
    };
  }

  async #noise(rows: number, columns: number) {
    const { float32 } = await loadTensors();
    return float32(this.#numbers(rows * columns), [rows, columns]);
  }

  #numbers(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.#random() * 2 - 1);
  }
}
