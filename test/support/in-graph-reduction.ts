import type { InferenceSession, Tensor } from "onnxruntime-node";
import { visionOutputs } from "../../src/graphs/contract.js";
import { buildReduction, reductionContract } from "../../src/graphs/reduction/index.js";
import type { PruMergeSettings } from "../../src/reduce/prumerge-settings.js";
import type { Signals } from "../../src/reduce/signals.js";
import type { Matrix } from "../../src/tensor/matrix.js";
import { floatTensor, int64Tensor, openModel, plainPruMerge, type Result, run, settingFeeds } from "./ort.js";

/** What the reduction graph made of one picture's signals. */
export interface GraphReduction {
  /** W X [tokens, C] */
  readonly tokens: Matrix;
  /** Dense W [tokens, N] */
  readonly weights: Matrix;
  /** Without the global token. */
  readonly keptPatches: readonly number[];
  readonly classAttention: Float32Array;
}

/** Runs the reduction graph over given signals; one session per shape. */
export class ReductionGraph {
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  reduce(signals: Signals, settings: PruMergeSettings): Promise<GraphReduction> {
    return this.#run(signals, false, settingFeeds(settings));
  }

  /** Merging alone, as released, for patches that another rule kept. */
  mergeGiven(signals: Signals, keptPatches: readonly number[]): Promise<GraphReduction> {
    const { neighbours, global_token } = settingFeeds(plainPruMerge);
    const kept = int64Tensor(keptPatches, [keptPatches.length]);
    return this.#run(signals, true, {
      neighbours: neighbours!,
      global_token: global_token!,
      [reductionContract.given]: kept,
    });
  }

  async #run(
    signals: Signals,
    given: boolean,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<GraphReduction> {
    const session = await this.#session(signals, given);
    const tensor = ({ data, rows, columns }: Matrix) => floatTensor(data, [rows, columns]);
    const results = await run(session, {
      ...feeds,
      [reductionContract.patches]: tensor(signals.patches),
      [reductionContract.keys]: tensor(signals.keys),
      [reductionContract.queries]: tensor(signals.queries),
    });
    return {
      tokens: matrix(results[reductionContract.tokens]!),
      weights: matrix(results[visionOutputs.mergeWeights]!),
      keptPatches: results[visionOutputs.keptPatches]!.data as number[],
      classAttention: results[visionOutputs.classAttention]!.data as Float32Array,
    };
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  #session({ grid, patches, classToken }: Signals, given: boolean): Promise<InferenceSession> {
    const key = `${grid.rows}x${grid.columns}x${patches.columns} ${classToken} ${given}`;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = openModel(buildReduction({ grid, width: patches.columns, classToken, given }));
      this.#sessions.set(key, session);
    }
    return session;
  }
}

export function matrix({ dims, data }: Result): Matrix {
  return { rows: dims[0]!, columns: dims[1]!, data: data as Float32Array };
}
