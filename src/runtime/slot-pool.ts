import { bytesPerToken, type CacheShape, runsOf } from "./cache-shape.js";
import { capacityFor, type KeyValueCache } from "./key-value-cache.js";
import { allocateArrays, type CacheArray, freeArrays } from "./large-arrays.js";

/** One sequence's part of the pool's arrays. */
interface Slot {
  /** By layer and part. */
  readonly arrays: readonly (readonly CacheArray[])[];
  occupant: KeyValueCache | undefined;
}

/**
 * Keys and values of several sequences side by side, as the decoder for several takes them: of each layer and part
 * [slots, ...before, capacity, ...behind]. A cache that is given a slot lives there, so that nothing is copied from step
 * to step; it is moved in once, and out when another wants its place.
 */
export class SlotPool {
  #slots: Slot[] = [];
  /** By layer and part, of all slots. */
  #arrays: readonly (readonly CacheArray[])[] = [];
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
    return this.#arrays.flat().reduce((sum, { byteLength }) => sum + byteLength, 0);
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
    const perSlot = capacityWith(length) * bytesPerToken(this.shape);
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
      next.moveInto(slot.arrays, this.#capacity);
      slot.occupant = next;
    }
    return first.map((slot) => slot.occupant!);
  }

  /** A layer's arrays of the first slots, by part. */
  arrays(layer: number, slots: number): readonly CacheArray[] {
    return this.shape.parts.map((part, at) => {
      const { lines, width } = runsOf(part);
      return this.#arrays[layer]![at]!.subarray(0, slots * lines * width * this.#capacity);
    });
  }

  /** Gives the memory back; caches that live here are moved out. */
  clear(): void {
    for (const slot of this.#slots) occupantOf(slot)?.moveOut();
    this.#replace([], [], 0);
  }

  /** New arrays, into which the caches that are in use move; the others move out. */
  #layOut(capacity: number, caches: readonly KeyValueCache[]): void {
    const { layers, parts } = this.shape;
    const count = this.roomFor(capacity - 1);
    for (const slot of this.#slots) {
      const occupant = occupantOf(slot);
      if (occupant !== undefined && !caches.includes(occupant)) occupant.moveOut();
    }
    const sizes = parts.map(runsOf).map(({ lines, width }) => lines * width * capacity);
    const byPart = parts.map((part, at): readonly CacheArray[] =>
      allocateArrays(layers, sizes[at]! * count, part.type),
    );
    const arrays = Array.from({ length: layers }, (_, layer) => byPart.map((all) => all[layer]!));
    const slots = Array.from({ length: count }, (_, slot): Slot => {
      const own = (array: CacheArray, at: number) =>
        array.subarray(slot * sizes[at]!, (slot + 1) * sizes[at]!);
      return { arrays: arrays.map((all) => all.map(own)), occupant: caches[slot] };
    });
    for (const slot of slots) slot.occupant?.moveInto(slot.arrays, capacity);
    this.#replace(slots, arrays, capacity);
  }

  #replace(slots: Slot[], arrays: readonly (readonly CacheArray[])[], capacity: number): void {
    freeArrays(this.#arrays.flat());
    this.#slots = slots;
    this.#arrays = arrays;
    this.#capacity = capacity;
    this.#version++;
  }
}

/** The cache that lives in a slot: one that was released, or outgrew it, has arrays of its own. */
function occupantOf({ arrays, occupant }: Slot): KeyValueCache | undefined {
  return occupant?.arrays === arrays ? occupant : undefined;
}

/** With room for one token more, which an empty cache needs as well. */
function capacityWith(length: number): number {
  return capacityFor(Math.max(length, 1));
}
