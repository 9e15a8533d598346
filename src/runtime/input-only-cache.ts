import { decoder } from "../graphs/contract.js";
import { cacheShape, leadOf } from "./cache-shape.js";
import type { DecoderCache } from "./decoder-form.js";
import { HeldPlaces, type Placed, positionAxes, refusePlaces } from "./held-places.js";
import { KeyValueCache, type NewRows } from "./key-value-cache.js";
import { freeArrays } from "./large-arrays.js";
import type { Feeds, OrtTensor, Session, Tensors } from "./session.js";
import { cacheData, cacheTensor, finiteMatrix, hasPort, portOf, sizeAt } from "./tensors.js";

/**
 * From so many rows on, their keys and values are written into memory of ours: that of the runtime would stay with it, a
 * megabyte per row at 7B, and the cache takes ours over as it is.
 */
const manyRows = 32;

/** The cache of `decoder*.onnx`: arrays that the graph reads in place, and new rows written into them after each run. */
export class InputOnlyCache implements DecoderCache {
  /** Tensors over the arrays, made again only when the arrays are. */
  #past: { version: number; feeds: Feeds } | undefined;
  readonly #takesPlaces: boolean;
  /** In front of every shape: nothing, or the axis of sequences where the graph is one of several. */
  readonly #lead: readonly number[];

  private constructor(
    private readonly session: Session,
    private readonly tensors: Tensors,
    readonly store: KeyValueCache,
    private readonly prefill: Session | undefined,
    private readonly places = new HeldPlaces(),
  ) {
    this.#takesPlaces = hasPort(session.inputs, decoder.positions);
    this.#lead = leadOf(session);
  }

  /** @param prefill runs more rows than one, with the same inputs and outputs; default: the same session */
  static async create(session: Session, tensors: Tensors, prefill?: Session): Promise<InputOnlyCache> {
    return new InputOnlyCache(session, tensors, new KeyValueCache(cacheShape(session)), prefill);
  }

  get length(): number {
    return this.store.length;
  }

  get nextPosition(): number {
    return this.places.next;
  }

  get usedBytes(): number {
    return this.store.usedBytes;
  }

  get allocatedBytes(): number {
    return this.store.allocatedBytes;
  }

  truncate(length: number): void {
    this.store.truncate(length);
    this.places.truncate(length);
  }

  release(): void {
    this.store.clear();
    this.places.truncate(0);
  }

  fork(length?: number): InputOnlyCache {
    const { session, tensors, store, prefill, places } = this;
    return new InputOnlyCache(session, tensors, store.fork(length), prefill, places.fork(length));
  }

  async run(rows: Float32Array, count: number, places: Placed): Promise<Float32Array> {
    const feeds = {
      ...this.#pastFeeds(),
      ...this.#placeFeeds(places, count),
      [decoder.embeddings]: this.tensors.float32(rows, [...this.#lead, count, rows.length / count]),
      [decoder.pastLength]: this.tensors.int64([this.store.length], this.#lead),
    };
    const session = count > 1 ? (this.prefill ?? this.session) : this.session;
    if (count < manyRows) {
      const out = await session.run(feeds);
      const logits = this.#logits(out);
      this.append(this.#newRows(out), count, places);
      return logits;
    }
    const added = this.store.emptyRows(count);
    const out = await session.run(feeds, this.#into(added, count));
    // The runtime's binding copies outputs even where it was given memory to write them into.
    freeArrays(this.#newRows(out).flat());
    const logits = this.#logits(out);
    this.append(added, count, places);
    return logits;
  }

  /** Keeps what a run made of its rows. */
  append(added: readonly NewRows[], count: number, places: Placed): void {
    this.store.append(added, count);
    this.places.append(places);
  }

  /** Writes what each slot's key adds to every score; slots that are not in use keep what is there. */
  pastBias(slots: Float32Array): Float32Array {
    return this.places.writeBias(slots);
  }

  /** Nothing for the graphs of folders that were converted before rows had places. */
  #placeFeeds(places: Placed, count: number): Feeds {
    const { session, store, tensors } = this;
    if (!this.#takesPlaces) {
      refusePlaces(places, store.length, { positions: false, bias: false }, session.path);
      return {};
    }
    const axes = sizeAt(portOf(session.inputs, decoder.positions, session.path), 0, session.path);
    return {
      [decoder.positions]: tensors.int64(positionAxes(places.positions, axes, session.path), [
        axes,
        ...this.#lead,
        count,
      ]),
      [decoder.keyBias]: tensors.float32(places.bias, [...this.#lead, count]),
      [decoder.pastBias]: tensors.float32(this.pastBias(new Float32Array(store.capacity)), [
        ...this.#lead,
        store.capacity,
      ]),
    };
  }

  /** Checked before anything is kept: slots that are not in use must hold finite numbers too. */
  #logits(out: Feeds): Float32Array {
    return finiteMatrix(out[decoder.logits]!, this.session.path, decoder.logits).data;
  }

  #newRows(out: Feeds): NewRows[] {
    const { layers, parts } = this.store.shape;
    return Array.from({ length: layers }, (_, layer) =>
      parts.map((part) => cacheData(out[part.added(layer)]!, part.type)),
    );
  }

  #into(added: readonly NewRows[], count: number): Feeds {
    return this.#tensorsOver(added, count, "added");
  }

  #pastFeeds(): Feeds {
    const { store } = this;
    if (this.#past?.version !== store.version) {
      const feeds = this.#tensorsOver(store.arrays, store.capacity, "past");
      this.#past = { version: store.version, feeds };
    }
    return this.#past.feeds;
  }

  /** Tensors over arrays by layer and part, of so many tokens, by the names that the graph has for them. */
  #tensorsOver(arrays: readonly NewRows[], tokens: number, name: "past" | "added"): Feeds {
    const feeds: Record<string, OrtTensor> = {};
    for (const [layer, ofLayer] of arrays.entries()) {
      for (const [at, part] of this.store.shape.parts.entries()) {
        const dims = [...this.#lead, ...part.before, tokens, ...part.behind];
        feeds[part[name](layer)] = cacheTensor(this.tensors, ofLayer[at]!, dims);
      }
    }
    return feeds;
  }
}
