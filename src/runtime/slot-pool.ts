import { type CacheShape, capacityFor, type KeyValueCache } from "./key-value-cache.js";
import { allocateArrays, freeArrays } from "./large-arrays.js";

/** One sequence's part of the pool's arrays. */
interface Slot {
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
  occupant: KeyValueCache | undefined;
}

/**
 * Keys and values of several sequences side by side, as the decoder for several takes them: keys [slots, H, d, capacity],
 * values [slots, H, capacity, d] for each layer. A cache that is given a slot lives there, so that nothing is copied from step
 * to step; it is moved in once, and out when another wants its place.
 */
export class SlotPool {
  #slots: Slot[] = [];
  #arrays: Float32Array[] = [];
  #capacity = 0;
  #version = 0;

  /**
   * @param most slots
   * @param bytes how many all slots together may take now
   */
  constructor(
    readonly shape: CacheShape,
    readonly most: number,
    readonly bytes: () => number,
  ) {}

  get allocatedBytes(): number {
    return this.#arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Slots of one length, in tokens. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Changes whenever the arrays are replaced by others. */
  get version(): number {
    return this.#version;
  }

  /** How many sequences of at most this length have room together. */
  roomFor(length: number): number {
    const { layers, heads, headDim } = this.shape;
    const perSlot = capacityWith(length) * layers * 2 * heads * headDim * Float32Array.BYTES_PER_ELEMENT;
    return Math.min(this.most, Math.floor(this.bytes() / perSlot));
  }

  /** Whether a cache has a slot. */
  holds(cache: KeyValueCache): boolean {
    return this.#slots.some((slot) => occupantOf(slot) === cache);
  }

  /**
   * Gives each cache one of the first slots, with room for one token more.
   *
   * @param caches as many as have room
   * @returns them by their slots, 0 and on
   */
  seat(caches: readonly KeyValueCache[]): readonly KeyValueCache[] {
    const length = Math.max(...caches.map((cache) => cache.length));
    const capacity = capacityWith(length);
    // Every sequence pays for the capacity of the longest one.
    const fits = capacity <= this.#capacity && this.#capacity <= 2 * capacity;
    if (!fits || caches.length > this.#slots.length) this.#layOut(capacity, caches);
    const first = this.#slots.slice(0, caches.length);
    const homeless = caches.filter((cache) => !first.some((slot) => occupantOf(slot) === cache));
    for (const slot of first) {
      const occupant = occupantOf(slot);
      if (occupant !== undefined && caches.includes(occupant)) continue;
      occupant?.moveOut();
      const next = homeless.pop()!;
      next.moveInto(slot.keys, slot.values, this.#capacity);
      slot.occupant = next;
    }
    return first.map((slot) => slot.occupant!);
  }

  /** A layer's arrays of the first slots. */
  arrays(layer: number, slots: number): { readonly keys: Float32Array; readonly values: Float32Array } {
    const { heads, headDim } = this.shape;
    const length = slots * heads * headDim * this.#capacity;
    return {
      keys: this.#arrays[2 * layer]!.subarray(0, length),
      values: this.#arrays[2 * layer + 1]!.subarray(0, length),
    };
  }

  /** Gives the memory back; caches that live here are moved out. */
  clear(): void {
    for (const slot of this.#slots) occupantOf(slot)?.moveOut();
    this.#replace([], [], 0);
  }

  /** New arrays, into which the caches that are in use move; the others move out. */
  #layOut(capacity: number, caches: readonly KeyValueCache[]): void {
    const { layers, heads, headDim } = this.shape;
    const per = heads * headDim * capacity;
    const count = this.roomFor(capacity - 1);
    for (const slot of this.#slots) {
      const occupant = occupantOf(slot);
      if (occupant !== undefined && !caches.includes(occupant)) occupant.moveOut();
    }
    const arrays = allocateArrays(2 * layers, per * count);
    const slots = Array.from({ length: count }, (_, at): Slot => {
      const part = (array: Float32Array) => array.subarray(at * per, (at + 1) * per);
      return {
        keys: Array.from({ length: layers }, (_, layer) => part(arrays[2 * layer]!)),
        values: Array.from({ length: layers }, (_, layer) => part(arrays[2 * layer + 1]!)),
        occupant: caches[at],
      };
    });
    for (const { keys, values, occupant } of slots) occupant?.moveInto(keys, values, capacity);
    this.#replace(slots, arrays, capacity);
  }

  #replace(slots: Slot[], arrays: Float32Array[], capacity: number): void {
    freeArrays(this.#arrays);
    this.#slots = slots;
    this.#arrays = arrays;
    this.#capacity = capacity;
    this.#version++;
  }
}

/** The cache that lives in a slot: one that was released, or outgrew it, has arrays of its own. */
function occupantOf({ keys, occupant }: Slot): KeyValueCache | undefined {
  return occupant?.keys[0] === keys[0] ? occupant : undefined;
}

/** With room for one token more, which an empty cache needs as well. */
function capacityWith(length: number): number {
  return capacityFor(Math.max(length, 1));
}
