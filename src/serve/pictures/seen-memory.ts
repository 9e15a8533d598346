import { LRUCache } from "lru-cache";
import type { VisualTokens } from "../../see/visual-tokens.js";

/** What a picture became, and its size in pixels. */
export interface SeenPicture {
  readonly tokens: VisualTokens;
  readonly width: number;
  readonly height: number;
}

/** Something under way that several requests wait for. */
interface Encoding {
  readonly result: Promise<SeenPicture>;
  readonly abort: AbortController;
  waiting: number;
}

export interface Remembered extends SeenPicture {
  /** Whether it was there already, or on its way for another request. */
  readonly remembered: boolean;
}

/**
 * Visual tokens of pictures seen before, least recently used first to go, within a number of bytes. Requests for one
 * that is being encoded wait for it; when the last of them has gone, the encoding is aborted.
 */
export class SeenMemory {
  readonly #kept: LRUCache<string, SeenPicture>;
  readonly #encodings = new Map<string, Encoding>();
  #evictions = 0;

  /** @param forget called with what was evicted, to drop what else hangs on it */
  constructor(bytes: number, forget: (seen: VisualTokens) => void) {
    this.#kept = new LRUCache({
      maxSize: Math.max(1, bytes), // of 1 byte none takes so little
      sizeCalculation: seenBytes,
      dispose: (seen, _key, reason) => {
        if (reason === "evict") this.#evictions++;
        forget(seen.tokens);
      },
    });
  }

  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  get pictures(): number {
    return this.#kept.size;
  }

  get evictions(): number {
    return this.#evictions;
  }

  /**
   * @param key of the picture's bytes and everything that decides what it becomes
   * @param encode makes it where it is not there
   * @throws the signal's reason where it fires first, and what `encode` throws
   */
  async get(
    key: string,
    signal: AbortSignal,
    encode: (signal: AbortSignal) => Promise<SeenPicture>,
  ): Promise<Remembered> {
    signal.throwIfAborted();
    const kept = this.#kept.get(key);
    if (kept !== undefined) return { ...kept, remembered: true };
    const underway = this.#encodings.get(key);
    const encoding = underway ?? this.#start(key, encode);
    return { ...(await this.#wait(key, encoding, signal)), remembered: underway !== undefined };
  }

  clear(): void {
    this.#kept.clear();
  }

  #start(key: string, encode: (signal: AbortSignal) => Promise<SeenPicture>): Encoding {
    const abort = new AbortController();
    const result = encode(abort.signal);
    const encoding: Encoding = { result, abort, waiting: 0 };
    this.#encodings.set(key, encoding);
    const end = () => {
      if (this.#encodings.get(key) === encoding) this.#encodings.delete(key);
    };
    result.then((seen) => {
      end();
      this.#kept.set(key, seen);
    }, end);
    return encoding;
  }

  #wait(key: string, encoding: Encoding, signal: AbortSignal): Promise<SeenPicture> {
    encoding.waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        encoding.waiting--;
        if (encoding.waiting === 0) {
          if (this.#encodings.get(key) === encoding) this.#encodings.delete(key);
          encoding.abort.abort(signal.reason);
        }
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      encoding.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }
}

/** What a picture's visual tokens take in memory. */
function seenBytes({ tokens }: SeenPicture): number {
  const { embeddings, plan, signals } = tokens;
  const { keptPatches, offsets, columns, weights } = plan;
  const arrays = [embeddings.data, keptPatches, offsets, columns, weights];
  for (const one of signals ?? []) {
    if (one === undefined) continue;
    const { patches, keys, queries, classAttention, projected, layers, classFeatures, relevance } = one;
    arrays.push(patches.data, keys.data, queries.data);
    if (relevance !== undefined) arrays.push(relevance);
    if (classAttention !== undefined) arrays.push(classAttention);
    if (classFeatures !== undefined) arrays.push(classFeatures.data);
    for (const layer of Object.values(layers ?? {})) arrays.push(layer.keys.data, layer.queries.data);
    // Where nothing was reduced these are the embeddings themselves.
    if (projected !== undefined && projected.data.buffer !== embeddings.data.buffer)
      arrays.push(projected.data);
  }
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 1024);
}
