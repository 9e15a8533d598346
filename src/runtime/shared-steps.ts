import type { Matrix } from "../tensor/matrix.js";
import type { DecoderCache } from "./decoder-form.js";
import type { PoolLimits } from "./decoder-settings.js";
import type { CacheId, ForwardRun } from "./engine.js";
import { placed } from "./held-places.js";
import { InputOnlyCache } from "./input-only-cache.js";
import type { Session, Tensors } from "./session.js";
import type { StepCall, StepOutcome } from "./sides.js";
import { type Step, StepsTogether } from "./steps-together.js";
import { toReplyError } from "./worker-protocol.js";

/** What a language model's half does for a step. */
export interface StepWork {
  embed(ids: readonly number[]): Promise<Matrix>;
  /** @throws PrumergeError NOT_FOUND */
  cacheOf(id: CacheId): DecoderCache;
  alone(step: StepCall): Promise<ForwardRun>;
}

/** Steps of several sequences, as many in one run as have room there, the others each in its own; every step has an outcome of its own. */
export class SharedSteps {
  readonly #pools = new Map<number, StepsTogether>();

  constructor(private readonly work: StepWork) {}

  /** The memory of one of the lanes that run by turns; all of them together take no more than the limits say. */
  pool(lane: number, session: Session, tensors: Tensors, { most, bytes }: PoolLimits): StepsTogether {
    const known = this.#pools.get(lane);
    if (known !== undefined) return known;
    const others = () => [...this.#pools].filter(([other]) => other !== lane);
    const left = () => bytes - others().reduce((sum, [, { allocatedBytes }]) => sum + allocatedBytes, 0);
    const pool = new StepsTogether(session, tensors, most, left);
    this.#pools.set(lane, pool);
    return pool;
  }

  async run(steps: readonly StepCall[], together: StepsTogether): Promise<readonly StepOutcome[]> {
    const started = performance.now();
    const outcomes = new Map<StepCall, StepOutcome>();
    const ready = await this.#ready(steps);
    const chosen = together.choose([...ready.keys()]);
    // Where the run fails, each is done alone: whatever is wrong with one of them is nothing to the others.
    const logits = chosen.length > 1 ? await together.run(chosen).catch(() => []) : [];
    const milliseconds = (performance.now() - started) / chosen.length;
    for (const [at, step] of chosen.entries()) {
      const own = logits[at];
      if (own !== undefined) outcomes.set(ready.get(step)!, { run: { logits: own, milliseconds } });
    }
    for (const step of steps) if (!outcomes.has(step)) outcomes.set(step, await this.#alone(step));
    return steps.map((step) => outcomes.get(step)!);
  }

  async runEach(steps: readonly StepCall[]): Promise<readonly StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    for (const step of steps) outcomes.push(await this.#alone(step));
    return outcomes;
  }

  clear(): void {
    for (const pool of this.#pools.values()) pool.clear();
  }

  /** Those whose row and places are there, as one look-up of embeddings gives them; none where that fails. */
  async #ready(steps: readonly StepCall[]): Promise<Map<Step, StepCall>> {
    const ready = new Map<Step, StepCall>();
    try {
      const { data, columns } = await this.work.embed(steps.map(({ id }) => id));
      for (const [at, call] of steps.entries()) {
        const cache = this.work.cacheOf(call.cache);
        if (!(cache instanceof InputOnlyCache)) continue;
        const row = data.subarray(at * columns, (at + 1) * columns);
        ready.set({ cache, row, places: placed(call.places, 1, () => cache.nextPosition) }, call);
      }
    } catch {
      ready.clear();
    }
    return ready;
  }

  async #alone(step: StepCall): Promise<StepOutcome> {
    try {
      return { run: await this.work.alone(step) };
    } catch (error) {
      return { error: toReplyError(error) };
    }
  }
}
