import { PrumergeError } from "../errors.js";
import { embedTokens, decoder as ports } from "../graphs/contract.js";
import { prefillStem } from "../models/dtypes.js";
import { firstNonFinite } from "../tensor/finite.js";
import type { Matrix } from "../tensor/matrix.js";
import type { DecoderCache } from "./decoder-form.js";
import type { DecoderSettings, PoolLimits } from "./decoder-settings.js";
import type { CacheId, CacheMemory, ForwardRun, RowAbility, RowPlaces, RowsRun } from "./engine.js";
import { placed, slicePlaces } from "./held-places.js";
import { InputOnlyCache } from "./input-only-cache.js";
import type { GraphFiles } from "./model-folder.js";
import { prefillChunks } from "./prefill-chunks.js";
import { mergedPositionAxes, ReturnedCache } from "./returned-cache.js";
import type { OnnxRuntime, SessionOptions } from "./session.js";
import { SessionSlot } from "./session-slot.js";
import { SharedSteps } from "./shared-steps.js";
import type { LanguageSide, StepCall, StepOutcome } from "./sides.js";
import { finiteMatrix, hasPort } from "./tensors.js";

/** The language model's sessions and caches, in this thread; either form of decoder graph. */
export class LanguageSessions implements LanguageSide {
  readonly #pool: PoolLimits | undefined;
  #shared: SharedSteps | undefined;
  readonly #embed: SessionSlot;
  readonly #decoder: SessionSlot;
  /** For more rows than one, where the folder has a graph for them. */
  readonly #prefill: SessionSlot | undefined;
  readonly #ours: boolean;
  readonly #caches = new Map<CacheId, DecoderCache>();
  #nextId: CacheId = 1;

  constructor(
    private readonly runtime: OnnxRuntime,
    files: GraphFiles,
    options: SessionOptions,
    decoder?: DecoderSettings,
  ) {
    this.#pool = decoder?.pool;
    // Looking up a few rows is no work for another device, and WebGPU reads float16 tables on some machines only.
    const { packed: _, ...unpacked } = options; // nothing is multiplied there
    const lookup = { ...unpacked, device: "cpu" };
    this.#embed = new SessionSlot(runtime, files.embedTokens, "embed_tokens*.onnx", files.folder, lookup);
    const { path } = files.decoder ?? {};
    const { graph, prefill } = decoder ?? {};
    this.#decoder = new SessionSlot(runtime, path, "decoder*.onnx", files.folder, options, graph);
    this.#prefill =
      files.prefill &&
      new SessionSlot(runtime, files.prefill.path, `${prefillStem}*.onnx`, files.folder, options, prefill);
    this.#ours = files.decoder?.form === "ours";
  }

  async warm(): Promise<void> {
    await this.#embed.open();
    await this.#decoder.open();
    await this.#prefill?.open();
  }

  async embed(ids: readonly number[]): Promise<RowsRun> {
    if (ids.length === 0 || ids.some((id) => !Number.isInteger(id) || id < 0)) {
      throw new PrumergeError("INVALID_TENSOR", "no such token ids", {
        expected: "1 or more whole numbers, 0 or more",
        found: `[${ids.slice(0, 16).join(", ")}]`,
      });
    }
    const session = await this.#embed.open();
    const tensors = await this.runtime.loadTensors();
    const started = performance.now();
    const out = await session.run({ [embedTokens.ids]: tensors.int64(ids, [1, ids.length]) });
    const rows = finiteMatrix(out[embedTokens.embeddings]!, session.path, embedTokens.embeddings);
    return { ...rows, milliseconds: performance.now() - started };
  }

  async createCache(): Promise<CacheId> {
    const session = await this.#decoder.open();
    const tensors = await this.runtime.loadTensors();
    if (!this.#ours) return this.#keep(await ReturnedCache.create(session, tensors));
    return this.#keep(await InputOnlyCache.create(session, tensors, await this.#prefill?.open()));
  }

  async forkCache(cache: CacheId, length?: number): Promise<CacheId> {
    const held = this.#get(cache);
    if (length !== undefined) checkLength(length, held);
    return this.#keep(held.fork(length));
  }

  async truncateCache(cache: CacheId, length: number): Promise<void> {
    const held = this.#get(cache);
    checkLength(length, held);
    held.truncate(length);
  }

  async releaseCache(cache: CacheId): Promise<void> {
    this.#get(cache).release();
    this.#caches.delete(cache);
  }

  async cacheLength(cache: CacheId): Promise<number> {
    return this.#get(cache).length;
  }

  async cacheMemory(cache?: CacheId): Promise<CacheMemory> {
    const held = cache === undefined ? [...this.#caches.values()] : [this.#get(cache)];
    const sum = (part: "usedBytes" | "allocatedBytes") => held.reduce((total, one) => total + one[part], 0);
    return { usedBytes: sum("usedBytes"), allocatedBytes: sum("allocatedBytes") };
  }

  async takes(): Promise<RowAbility> {
    const { inputs } = await this.#decoder.open();
    // The common form has the same name for positions.
    const positions = inputs.find(({ name }) => name === ports.positions);
    const { shape = [] } = positions ?? {};
    // The common form has an axis for batch entries, and one in front of it where positions have several coordinates.
    const counted = shape.length > 0 && (this.#ours || shape.length === 3);
    const axes = counted ? mergedPositionAxes(shape[0]!) : 1;
    return {
      positions: positions !== undefined,
      bias: hasPort(inputs, ports.keyBias),
      ...(axes > 1 && { axes }),
    };
  }

  async forward(
    cache: CacheId,
    rows: Matrix | readonly number[],
    places: RowPlaces = {},
  ): Promise<ForwardRun> {
    const held = this.#get(cache);
    const before = held.length;
    const started = performance.now();
    const { data, rows: count, columns } = "data" in rows ? checkRows(rows) : await this.embed(rows);
    const all = placed(places, count, () => held.nextPosition);
    let logits: Float32Array | undefined;
    try {
      let at = 0;
      for (const chunk of prefillChunks(count, before)) {
        const part = slicePlaces(all, at, at + chunk);
        logits = await held.run(data.subarray(at * columns, (at + chunk) * columns), chunk, part);
        at += chunk;
      }
    } catch (error) {
      held.truncate(before);
      throw error;
    }
    return { logits: logits!, milliseconds: performance.now() - started };
  }

  /** Steps that share a run where the settings let them, each with an outcome of its own. */
  async step(steps: readonly StepCall[], lane = 0): Promise<readonly StepOutcome[]> {
    this.#shared ??= new SharedSteps({
      embed: (ids) => this.embed(ids),
      cacheOf: (id) => this.#get(id),
      alone: ({ cache, id, places }) => this.forward(cache, [id], places),
    });
    if (this.#pool === undefined || steps.length === 1) return this.#shared.runEach(steps);
    const [session, tensors] = [await this.#decoder.open(), await this.runtime.loadTensors()];
    return this.#shared.run(steps, this.#shared.pool(lane, session, tensors, this.#pool));
  }

  async dispose(): Promise<void> {
    this.#shared?.clear();
    for (const cache of this.#caches.values()) cache.release();
    this.#caches.clear();
    await Promise.all([this.#embed.dispose(), this.#decoder.dispose(), this.#prefill?.dispose()]);
  }

  #keep(cache: DecoderCache): CacheId {
    const id = this.#nextId++;
    this.#caches.set(id, cache);
    return id;
  }

  #get(id: CacheId): DecoderCache {
    const cache = this.#caches.get(id);
    if (cache !== undefined) return cache;
    throw new PrumergeError("NOT_FOUND", "no such key/value cache", {
      found: String(id),
      help: "It was released, or belongs to another engine",
    });
  }
}

function checkLength(length: number, held: DecoderCache): void {
  if (Number.isInteger(length) && length >= 0 && length <= held.length) return;
  throw new PrumergeError("INVALID_OPTION", "a cache cannot be cut there", {
    expected: `a whole number, 0 .. ${held.length}`,
    found: String(length),
    where: "length",
  });
}

function checkRows(rows: Matrix): Matrix {
  const at = firstNonFinite(rows.data);
  if (rows.rows >= 1 && rows.data.length === rows.rows * rows.columns && at < 0) return rows;
  throw new PrumergeError("INVALID_TENSOR", "these rows cannot go into the language model", {
    expected: "1 or more rows of finite numbers",
    found: `[${rows.rows}, ${rows.columns}] with ${rows.data.length} numbers${at < 0 ? "" : `, ${rows.data[at]} at ${at}`}`,
  });
}
