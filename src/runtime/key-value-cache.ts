import { allocateArrays, freeArrays } from "./large-arrays.js";

/** Sizes of a language model's cache. */
export interface CacheShape {
  readonly layers: number;
  /** H, key/value heads. */
  readonly heads: number;
  /** d, width of a head. */
  readonly headDim: number;
}

/** The rows that one layer of one run adds: keys [H, d, n] and values [H, n, d]. */
export interface NewRows {
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/**
 * Attention's cost follows the capacity, not the length, so that the room to grow is small; and growing copies
 * everything, so that it is not smaller.
 */
const growth = 64;

/** Room beyond that is given back, since a sequence that was cut short would pay for it at every token. */
const mostSpare = 4 * growth;

/**
 * Keys and values of one sequence, as `decoder*.onnx` takes them: keys transposed, [H, d, capacity], values
 * [H, capacity, d]; slots from `length` on are unused and hold anything finite. Nothing is allocated for an empty cache.
 */
export class KeyValueCache {
  readonly keys: Float32Array[];
  readonly values: Float32Array[];
  #length = 0;
  #capacity = 0;
  #version = 0;
  /** Whether the arrays are somebody else's, who frees them. */
  #lent = false;

  constructor(readonly shape: CacheShape) {
    this.keys = Array.from({ length: shape.layers }, () => new Float32Array(0));
    this.values = Array.from({ length: shape.layers }, () => new Float32Array(0));
  }

  /** Tokens held. */
  get length(): number {
    return this.#length;
  }

  /** Tokens there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Changes whenever the arrays are replaced by others. */
  get version(): number {
    return this.#version;
  }

  get usedBytes(): number {
    return this.#length * this.#bytesPerToken;
  }

  get allocatedBytes(): number {
    return this.#capacity * this.#bytesPerToken;
  }

  /** Memory for a run's new rows, to hand to {@link append}. */
  emptyRows(rows: number): NewRows[] {
    const { layers, heads, headDim } = this.shape;
    const arrays = allocateArrays(2 * layers, heads * headDim * rows);
    return Array.from({ length: layers }, (_, layer) => ({
      key: arrays[2 * layer]!,
      value: arrays[2 * layer + 1]!,
    }));
  }

  /**
   * Adds `rows` tokens; `added` holds one entry per layer. An empty cache keeps those arrays as its own: a long prompt
   * would take its memory twice otherwise.
   */
  append(added: readonly NewRows[], rows: number): void {
    if (this.#capacity === 0) {
      this.#adopt(added, rows);
      return;
    }
    this.#reserve(this.#length + rows);
    const { heads, headDim } = this.shape;
    for (const [layer, { key, value }] of added.entries()) {
      const { keySlots, valueSlots } = this.#slots(layer, this.#length);
      copyRuns({ array: key, offset: 0, stride: rows }, keySlots, heads * headDim, rows);
      const width = rows * headDim;
      copyRuns({ array: value, offset: 0, stride: width }, valueSlots, heads, width);
    }
    this.#length += rows;
  }

  /** Forgets what comes after the first `length` tokens. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of all tokens, with room to grow, or of the first `length`, without. */
  fork(length?: number): KeyValueCache {
    const copy = new KeyValueCache(this.shape);
    const kept = length ?? this.#length;
    copy.#copyFrom(this, kept, length ?? capacityFor(kept));
    copy.#length = kept;
    return copy;
  }

  /**
   * Moves the tokens into arrays that stay somebody else's, one of each kind per layer, in which it lives until it grows beyond
   * their capacity or is moved out.
   */
  moveInto(keys: readonly Float32Array[], values: readonly Float32Array[], capacity: number): void {
    const kept = this.#length;
    const old = [...this.keys, ...this.values];
    this.#copyFrom(this, kept, capacity, keys, values);
    if (!this.#lent) freeArrays(old);
    this.#lent = true;
  }

  /** Moves the tokens back into arrays of its own. */
  moveOut(): void {
    if (this.#lent) this.#resize(capacityFor(this.#length));
  }

  /** Gives the memory back; the cache is empty afterwards. */
  clear(): void {
    this.#length = 0;
    this.#resize(0);
  }

  #adopt(added: readonly NewRows[], rows: number): void {
    for (const [layer, { key, value }] of added.entries()) {
      this.keys[layer] = key;
      this.values[layer] = value;
    }
    this.#length = rows;
    this.#capacity = rows;
    this.#version++;
  }

  get #bytesPerToken(): number {
    const { layers, heads, headDim } = this.shape;
    return layers * 2 * heads * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  #reserve(length: number): void {
    const wanted = capacityFor(length);
    const spare = !this.#lent && this.#capacity > wanted + mostSpare;
    if (length > this.#capacity || spare) this.#resize(wanted);
  }

  /** Where a layer's tokens from `first` on lie. */
  #slots(layer: number, first: number): { keySlots: Strided; valueSlots: Strided } {
    const { headDim } = this.shape;
    return {
      keySlots: { array: this.keys[layer]!, offset: first, stride: this.#capacity },
      valueSlots: {
        array: this.values[layer]!,
        offset: first * headDim,
        stride: this.#capacity * headDim,
      },
    };
  }

  #resize(capacity: number): void {
    const old = [...this.keys, ...this.values];
    this.#copyFrom(this, this.#length, capacity);
    if (!this.#lent) freeArrays(old);
    this.#lent = false;
  }

  /** Other arrays, new ones by default, with the first `kept` tokens of `source`, which may be this cache. */
  #copyFrom(
    source: KeyValueCache,
    kept: number,
    capacity: number,
    keys?: readonly Float32Array[],
    values?: readonly Float32Array[],
  ): void {
    const { layers, heads, headDim } = this.shape;
    const arrays =
      keys === undefined || values === undefined
        ? allocateArrays(2 * layers, heads * headDim * capacity)
        : keys.flatMap((key, layer) => [key, values[layer]!]);
    for (let layer = 0; layer < layers; layer++) {
      const { keySlots, valueSlots } = source.#slots(layer, 0);
      const key = arrays[2 * layer]!;
      copyRuns(keySlots, { array: key, offset: 0, stride: capacity }, heads * headDim, kept);
      const value = arrays[2 * layer + 1]!;
      copyRuns(valueSlots, { array: value, offset: 0, stride: capacity * headDim }, heads, kept * headDim);
      this.keys[layer] = key;
      this.values[layer] = value;
    }
    this.#capacity = capacity;
    this.#version++;
  }
}

/** At least one slot stays free, so that the next token does not copy everything again. */
export function capacityFor(length: number): number {
  return length === 0 ? 0 : Math.ceil((length + 1) / growth) * growth;
}

/** Runs of elements at a regular distance. */
interface Strided {
  readonly array: Float32Array;
  readonly offset: number;
  readonly stride: number;
}

/** Copies `count` runs of `width` elements each. */
function copyRuns(from: Strided, to: Strided, count: number, width: number): void {
  // One token's keys are single elements, for which a subarray each would cost more than the copy.
  if (width === 1) copyElements(from, to, count);
  else copySubarrays(from, to, count, width);
}

function copyElements(
  { array: source, offset, stride }: Strided,
  { array: target, offset: first, stride: step }: Strided,
  count: number,
): void {
  for (let i = 0, from = offset, to = first; i < count; i++, from += stride, to += step) {
    target[to] = source[from]!;
  }
}

function copySubarrays(from: Strided, to: Strided, count: number, width: number): void {
  for (let i = 0; i < count; i++) {
    const start = from.offset + i * from.stride;
    to.array.set(from.array.subarray(start, start + width), to.offset + i * to.stride);
  }
}
