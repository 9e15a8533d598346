import { decoder } from "../graphs/contract.js";
import { firstNonFinite } from "../tensor/finite.js";
import { cacheShape, runsOf } from "./cache-shape.js";
import { type Placed, positionAxes } from "./held-places.js";
import type { InputOnlyCache } from "./input-only-cache.js";
import type { NewRows } from "./key-value-cache.js";
import type { Feeds, OrtTensor, Session, Tensors } from "./session.js";
import { SlotPool } from "./slot-pool.js";
import { cacheData, cacheTensor, floatData, portOf, sizeAt } from "./tensors.js";

/** One sequence's next row. */
export interface Step {
  readonly cache: InputOnlyCache;
  /** [W] */
  readonly row: Float32Array;
  readonly places: Placed;
}

/** What became of a step: its logits [V], or nothing where the run cannot say, so that it has to be done alone. */
export type Stepped = Float32Array | undefined;

/**
 * The next rows of several sequences as one run of the decoder: its weights are read once for all of them. Each sequence has an
 * entry of the batch and a slot of the pool to itself, so that none depends on who else is there.
 */
export class StepsTogether {
  readonly #pool: SlotPool;
  /** Tensors over the pool's first slots, made again only when these are others. */
  #past: { readonly version: number; readonly slots: number; readonly feeds: Feeds } | undefined;

  constructor(
    private readonly session: Session,
    private readonly tensors: Tensors,
    most: number,
    bytes: () => number,
  ) {
    this.#pool = new SlotPool(cacheShape(session), most, bytes);
  }

  get allocatedBytes(): number {
    return this.#pool.allocatedBytes;
  }

  /** Which of the steps can share a run, those first whose caches have their slots already. */
  choose(steps: readonly Step[]): readonly Step[] {
    const seated = (step: Step) => this.#pool.holds(step.cache.store);
    const chosen: Step[] = [];
    let longest = 0;
    for (const step of [...steps.filter(seated), ...steps.filter((one) => !seated(one))]) {
      const length = Math.max(longest, step.cache.length);
      // A second step of one sequence comes after the first.
      const twice = chosen.some(({ cache }) => cache === step.cache);
      if (twice || chosen.length >= this.#pool.roomFor(length)) continue;
      chosen.push(step);
      longest = length;
    }
    return chosen;
  }

  /**
   * Runs steps that were chosen, and appends the rows of those whose logits are numbers.
   *
   * @returns in their order
   */
  async run(steps: readonly Step[]): Promise<readonly Stepped[]> {
    const bySlot = new Map(steps.map((step) => [step.cache.store, step]));
    const seats = this.#pool.seat([...bySlot.keys()]);
    const inOrder = seats.map((store) => bySlot.get(store)!);
    const out = await this.session.run({ ...this.#rows(inOrder), ...this.#pastFeeds(steps.length) });
    const logits = floatData(out[decoder.logits]!);
    const size = logits.length / steps.length;
    const results = new Map<Step, Stepped>();
    for (const [slot, step] of inOrder.entries()) {
      const own = logits.slice(slot * size, (slot + 1) * size);
      // Alone it says what is wrong with it.
      if (firstNonFinite(own) >= 0) continue;
      step.cache.append(this.#newRows(out, slot), 1, step.places);
      results.set(step, own);
    }
    return steps.map((step) => results.get(step));
  }

  clear(): void {
    this.#pool.clear();
    this.#past = undefined;
  }

  #rows(steps: readonly Step[]): Feeds {
    const { float32, int64 } = this.tensors;
    const count = steps.length;
    const width = steps[0]!.row.length;
    const { capacity } = this.#pool;
    const rows = new Float32Array(count * width);
    const bias = new Float32Array(count);
    const pastBias = new Float32Array(count * capacity);
    for (const [slot, { row, places, cache }] of steps.entries()) {
      rows.set(row, slot * width);
      bias.set(places.bias, slot);
      cache.pastBias(pastBias.subarray(slot * capacity, (slot + 1) * capacity));
    }
    const { path } = this.session;
    const axes = sizeAt(portOf(this.session.inputs, decoder.positions, path), 0, path);
    const positions = steps.flatMap(({ places }) => places.positions);
    return {
      [decoder.embeddings]: float32(rows, [count, 1, width]),
      [decoder.positions]: int64(positionAxes(positions, axes, path), [axes, count, 1]),
      [decoder.keyBias]: float32(bias, [count, 1]),
      [decoder.pastBias]: float32(pastBias, [count, capacity]),
      [decoder.pastLength]: int64(
        steps.map(({ cache }) => cache.length),
        [count],
      ),
    };
  }

  #pastFeeds(slots: number): Feeds {
    const { version, shape, capacity } = this.#pool;
    if (this.#past?.version === version && this.#past.slots === slots) return this.#past.feeds;
    const feeds: Record<string, OrtTensor> = {};
    for (let layer = 0; layer < shape.layers; layer++) {
      const arrays = this.#pool.arrays(layer, slots);
      for (const [at, part] of shape.parts.entries()) {
        const dims = [slots, ...part.before, capacity, ...part.behind];
        feeds[part.past(layer)] = cacheTensor(this.tensors, arrays[at]!, dims);
      }
    }
    this.#past = { version, slots, feeds };
    return feeds;
  }

  /** One sequence's part of what a run returns, [sequences, ...before, 1, ...behind]. */
  #newRows(out: Feeds, slot: number): NewRows[] {
    const { layers, parts } = this.#pool.shape;
    return Array.from({ length: layers }, (_, layer) =>
      parts.map((part) => {
        const { lines, width } = runsOf(part);
        const size = lines * width;
        return cacheData(out[part.added(layer)]!, part.type).subarray(slot * size, (slot + 1) * size);
      }),
    );
  }
}
