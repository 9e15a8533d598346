import type { AnswerResult } from "../../generate/answer-result.js";
import type { LoadedModel } from "../../model/model.js";
import type { RowChoices } from "../../see/row-choices.js";
import type { ServerLimits } from "../limits.js";
import type { Backend, BackendAnswer, BackendRequest, BackendResult } from "./backend.js";

/** The language model of the loaded model, in this process. */
export class LocalBackend implements Backend {
  readonly kind = "local";
  readonly #model: LoadedModel;
  readonly #limits: Pick<ServerLimits, "promptTokens" | "outputTokens">;

  constructor(model: LoadedModel, limits: Pick<ServerLimits, "promptTokens" | "outputTokens">) {
    this.#model = model;
    this.#limits = limits;
  }

  answer(request: BackendRequest, signal: AbortSignal): BackendAnswer {
    const { pictures, messages, maxTokens, temperature, topP, seed, stop, reuse } = request;
    const { frequencyPenalty, presencePenalty, logitBias } = request;
    const answer = this.#model.answer(pictures, messages, {
      signal,
      limits: { promptTokens: this.#limits.promptTokens, newTokens: this.#limits.outputTokens },
      stop,
      reusePrefix: reuse,
      ...(maxTokens !== undefined && { maxNewTokens: maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(seed !== undefined && { seed }),
      ...(frequencyPenalty !== undefined && { frequencyPenalty }),
      ...(presencePenalty !== undefined && { presencePenalty }),
      ...(logitBias !== undefined && { logitBias }),
    });
    const result = answer.result.then((done) => toResult(done, signal));
    result.catch(() => undefined); // whoever reads the texts sees the failure as well
    return { texts: answer, result };
  }

  rowChoices(): Promise<RowChoices> {
    return this.#model.rowChoices();
  }

  async ready(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    // the model belongs to whoever loaded it
  }
}

function toResult(done: AnswerResult, signal: AbortSignal): BackendResult {
  if (done.finishReason === "aborted") throw signal.reason;
  const { timings } = done;
  return {
    text: done.text,
    finishReason: done.finishReason,
    promptTokens: done.promptTokens,
    completionTokens: done.tokenIds.length,
    cachedTokens: done.reusedTokens,
    prefill: timings.prefill,
    ...(done.prefillDtype !== undefined && { prefillDtype: done.prefillDtype }),
    firstToken: timings.firstToken,
    firstTokenWait: timings.firstTokenWait,
    totalWait: timings.totalWait,
    perToken: timings.perToken,
    ...(done.missingPositions !== undefined && { missingPositions: done.missingPositions }),
    keyValueBytes: done.keyValueBytes,
    seed: done.seed,
  };
}
