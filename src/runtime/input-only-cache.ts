import { decoder } from "../graphs/contract.js";
import type { DecoderCache } from "./decoder-form.js";
import { type CacheShape, KeyValueCache } from "./key-value-cache.js";
import { type Feeds, loadTensors, type OrtTensor, type Session, type Tensors } from "./ort.js";
import { finiteMatrix, floatData, portOf, sizeAt } from "./tensors.js";

/** The cache of `decoder*.onnx`: arrays that the graph reads in place, and new rows written into them after each run. */
export class InputOnlyCache implements DecoderCache {
  /** Tensors over the arrays, made again only when the arrays are. */
  #past: { version: number; feeds: Feeds } | undefined;

  private constructor(
    private readonly session: Session,
    private readonly tensors: Tensors,
    private readonly store: KeyValueCache,
  ) {}

  static async create(session: Session): Promise<InputOnlyCache> {
    return new InputOnlyCache(session, await loadTensors(), new KeyValueCache(cacheShape(session)));
  }

  get length(): number {
    return this.store.length;
  }

  get usedBytes(): number {
    return this.store.usedBytes;
  }

  get allocatedBytes(): number {
    return this.store.allocatedBytes;
  }

  truncate(length: number): void {
    this.store.truncate(length);
  }

  fork(): InputOnlyCache {
    return new InputOnlyCache(this.session, this.tensors, this.store.fork());
  }

  async run(rows: Float32Array, count: number): Promise<Float32Array> {
    const out = await this.session.run({
      ...this.#pastFeeds(),
      [decoder.embeddings]: this.tensors.float32(rows, [count, rows.length / count]),
      [decoder.pastLength]: this.tensors.int64([this.store.length], []),
    });
    // Before anything is kept: slots that are not in use must hold finite numbers too.
    const logits = finiteMatrix(out[decoder.logits]!, this.session.path, decoder.logits).data;
    const added = this.store.keys.map((_, layer) => ({
      key: floatData(out[decoder.newKey(layer)]!),
      value: floatData(out[decoder.newValue(layer)]!),
    }));
    this.store.append(added, count);
    return logits;
  }

  #pastFeeds(): Feeds {
    const { store } = this;
    if (this.#past?.version !== store.version) {
      const { heads, headDim } = store.shape;
      const feeds: Record<string, OrtTensor> = {};
      for (let layer = 0; layer < store.shape.layers; layer++) {
        const float32 = this.tensors.float32;
        feeds[decoder.pastKey(layer)] = float32(store.keys[layer]!, [heads, headDim, store.capacity]);
        feeds[decoder.pastValue(layer)] = float32(store.values[layer]!, [heads, store.capacity, headDim]);
      }
      this.#past = { version: store.version, feeds };
    }
    return this.#past.feeds;
  }
}

function cacheShape({ inputs, path }: Session): CacheShape {
  const first = portOf(inputs, decoder.pastKey(0), path);
  return {
    layers: inputs.filter((input) => input.name.startsWith(decoder.pastKey(0).slice(0, -1))).length,
    heads: sizeAt(first, 0, path),
    headDim: sizeAt(first, 1, path),
  };
}
