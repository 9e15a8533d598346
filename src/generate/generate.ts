import type { CacheId, Engine, RowPlaces } from "../runtime/engine.js";
import { WorkClock } from "../see/work-clock.js";
import type { Matrix } from "../tensor/matrix.js";
import { unlessAborted } from "./aborted.js";
import type { PromptPlaces } from "./prompt.js";
import type { Sampler } from "./sampling.js";

/** `stop`: an end token or a stop string; `length`: the limit was reached; `aborted`: the caller's signal fired. */
export type FinishReason = "stop" | "length" | "aborted";

export interface Generation {
  readonly engine: Engine;
  readonly cache: CacheId;
  /** What the cache does not hold yet of the prompt. */
  readonly rows: Matrix | readonly number[];
  /** Where these stand, and the tokens that follow. Default: on from the largest position of the cache. */
  readonly places?: PromptPlaces;
  readonly sampler: Sampler;
  /** Ids that end the answer and do not belong to it. */
  readonly endIds: ReadonlySet<number>;
  readonly maxNewTokens: number;
  readonly signal: AbortSignal;
  /** Of the whole answer. Default: one of this generation's own. */
  readonly clock?: WorkClock;
  /** Called once the cache holds the whole prompt. */
  readonly onPrefilled?: () => void;
  /** Called with every token and the logits that it was chosen from, before any penalty; true ends the answer. */
  readonly onToken: (id: number, logits: Float32Array) => boolean;
}

export interface GenerationRun {
  /** False where the signal had fired before anything was computed. */
  readonly prefilled: boolean;
  readonly ids: readonly number[];
  /** How many of them the cache holds: the last one was never fed back. */
  readonly cachedIds: number;
  readonly finishReason: FinishReason;
  /** Of the run itself, without the wait for its turn. */
  readonly prefillMilliseconds: number;
  /** Work and waiting on the answer's clock when the prompt was computed: what the first token is chosen from. */
  readonly firstToken: { readonly worked: number; readonly waited: number };
  /** Work from the first token to the last; 0 for fewer than two. */
  readonly decodeMilliseconds: number;
}

const nothing = {
  prefilled: false,
  ids: [],
  cachedIds: 0,
  finishReason: "aborted",
  prefillMilliseconds: 0,
  decodeMilliseconds: 0,
} as const;

/**
 * Prefill and the decode loop. The signal ends the answer between steps, also while one waits for its turn: a step that
 * has begun is finished.
 */
export async function generate(generation: Generation): Promise<GenerationRun> {
  const { engine, cache, places, sampler, endIds, maxNewTokens, signal, onToken } = generation;
  const clock = generation.clock ?? new WorkClock();
  const now = () => ({ worked: clock.worked, waited: clock.waited });
  const run = (rows: Generation["rows"], at: RowPlaces | undefined) =>
    clock.during(unlessAborted(engine.forward(cache, rows, at, signal), signal));
  if (signal.aborted) return { ...nothing, firstToken: now() };
  const prefill = await run(generation.rows, places);
  if (prefill === undefined) return { ...nothing, firstToken: now() };
  generation.onPrefilled?.();
  let { logits } = prefill;
  const firstToken = now();
  const ids: number[] = [];
  let cachedIds = 0;
  let lastAt = firstToken.worked;
  let finishReason: FinishReason | undefined;
  while (finishReason === undefined) {
    if (signal.aborted) {
      finishReason = "aborted";
      break;
    }
    const before = logits.slice();
    const id = sampler.next(logits);
    if (endIds.has(id)) {
      finishReason = "stop";
      break;
    }
    ids.push(id);
    lastAt = clock.worked;
    if (onToken(id, before)) finishReason = "stop";
    else if (ids.length === maxNewTokens) finishReason = "length";
    else {
      const step = await run([id], places && { positions: [places.next + cachedIds] });
      if (step === undefined) {
        finishReason = "aborted";
        break;
      }
      ({ logits } = step);
      cachedIds++;
    }
  }
  return {
    prefilled: true,
    ids,
    cachedIds,
    finishReason,
    prefillMilliseconds: prefill.milliseconds,
    firstToken,
    decodeMilliseconds: lastAt - firstToken.worked,
  };
}
