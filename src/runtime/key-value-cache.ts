import { bytesPerToken, type CacheShape, runsOf } from "./cache-shape.js";
import { allocateArrays, type CacheArray, freeArrays } from "./large-arrays.js";

/** The rows that one layer of one run adds: an array of each part, of n tokens. */
export type NewRows = readonly CacheArray[];

/**
 * Attention's cost follows the capacity, not the length, so that the room to grow is small; and growing copies
 * everything, so that it is not smaller.
 */
const growth = 64;

/** Room beyond that is given back, since a sequence that was cut short would pay for it at every token. */
const mostSpare = 4 * growth;

/**
 * Keys and values of one sequence, in the parts that a decoder's graph takes; slots from `length` on are unused and hold anything
 * finite. Nothing is allocated for an empty cache.
 */
export class KeyValueCache {
  /** By layer and part, [...before, capacity, ...behind]. */
  #arrays: readonly (readonly CacheArray[])[];
  #length = 0;
  #capacity = 0;
  #version = 0;
  /** Whether the arrays are somebody else's, who frees them. */
  #lent = false;

  constructor(readonly shape: CacheShape) {
    this.#arrays = arraysFor(shape, 0);
  }

  /** By layer and part; others whenever the version is another. */
  get arrays(): readonly (readonly CacheArray[])[] {
    return this.#arrays;
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
    return this.#length * bytesPerToken(this.shape);
  }

  get allocatedBytes(): number {
    return this.#capacity * bytesPerToken(this.shape);
  }

  /** Memory for a run's new rows, to hand to {@link append}. */
  emptyRows(rows: number): readonly NewRows[] {
    return arraysFor(this.shape, rows);
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
    for (const [layer, arrays] of added.entries())
      copyTokens(this.shape, arrays, { capacity: rows, first: 0 }, this.#arrays[layer]!, this.#at, rows);
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
   * Moves the tokens into arrays that stay somebody else's, by layer and part, in which it lives until it grows beyond
   * their capacity or is moved out.
   */
  moveInto(arrays: readonly (readonly CacheArray[])[], capacity: number): void {
    const old = this.#arrays.flat();
    this.#copyFrom(this, this.#length, capacity, arrays);
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
    this.#arrays = added;
    this.#length = rows;
    this.#capacity = rows;
    this.#version++;
  }

  /** Where the next token goes. */
  get #at(): Place {
    return { capacity: this.#capacity, first: this.#length };
  }

  #reserve(length: number): void {
    const wanted = capacityFor(length);
    const spare = !this.#lent && this.#capacity > wanted + mostSpare;
    if (length > this.#capacity || spare) this.#resize(wanted);
  }

  #resize(capacity: number): void {
    const old = this.#arrays.flat();
    this.#copyFrom(this, this.#length, capacity);
    if (!this.#lent) freeArrays(old);
    this.#lent = false;
  }

  /** Other arrays, new ones by default, with the first `kept` tokens of `source`, which may be this cache. */
  #copyFrom(
    source: KeyValueCache,
    kept: number,
    capacity: number,
    arrays: readonly (readonly CacheArray[])[] = arraysFor(this.shape, capacity),
  ): void {
    const from = { capacity: source.#capacity, first: 0 };
    for (const [layer, held] of source.#arrays.entries())
      copyTokens(this.shape, held, from, arrays[layer]!, { capacity, first: 0 }, kept);
    this.#arrays = arrays;
    this.#capacity = capacity;
    this.#version++;
  }
}

/** Arrays for so many tokens, by layer and part, zeroed. */
function arraysFor({ layers, parts }: CacheShape, tokens: number): readonly (readonly CacheArray[])[] {
  const byPart = parts.map((part): readonly CacheArray[] => {
    const { lines, width } = runsOf(part);
    return allocateArrays(layers, lines * width * tokens, part.type);
  });
  return Array.from({ length: layers }, (_, layer) => byPart.map((arrays) => arrays[layer]!));
}

/** At least one slot stays free, so that the next token does not copy everything again. */
export function capacityFor(length: number): number {
  return length === 0 ? 0 : Math.ceil((length + 1) / growth) * growth;
}

/** Slots of arrays, and which of them is meant. */
interface Place {
  readonly capacity: number;
  readonly first: number;
}

/** Copies so many tokens of one layer. */
function copyTokens(
  { parts }: CacheShape,
  source: readonly CacheArray[],
  from: Place,
  target: readonly CacheArray[],
  to: Place,
  tokens: number,
): void {
  for (const [at, part] of parts.entries()) {
    const { lines, width } = runsOf(part);
    const strided = (array: CacheArray, { capacity, first }: Place): Strided => ({
      array,
      offset: first * width,
      stride: capacity * width,
    });
    copyRuns(strided(source[at]!, from), strided(target[at]!, to), lines, tokens * width);
  }
}

/** Runs of elements at a regular distance. */
interface Strided {
  readonly array: CacheArray;
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
