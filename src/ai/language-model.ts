import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
  SharedV3ProviderMetadata,
} from "@ai-sdk/provider";
import type { Answer } from "../generate/answer.js";
import type { AnswerResult } from "../generate/answer-result.js";
import type { LoadedModel } from "../model/model.js";
import type { Reducer } from "../reduce/index.js";
import type { Positions } from "../see/row-place.js";
import { reportPicture } from "../serve/pictures/see-pictures.js";
import { type Remembered, SeenMemory } from "../serve/pictures/seen-memory.js";
import { answerOptions, readCallOptions, warningsOf } from "./call-options.js";
import { readPrompt } from "./read-prompt.js";
import { seePrompt } from "./see-pictures.js";

export interface LanguageModelOptions {
  /** Name in telemetry and answers. Default `prumerge`. */
  readonly modelId?: string;
  /** What calls get that ask for no reduction. Default: the model's own. */
  readonly reducer?: Reducer;
  /** Where kept rows stand in prompts. Default: the model's own. */
  readonly positions?: Positions;
  /** Bytes of visual tokens that are remembered, so that a picture of an earlier turn is not encoded again. Default 256 MiB. */
  readonly pictureMemoryBytes?: number;
}

/**
 * A loaded model for `generateText` and `streamText`. It answers in this process; nothing is sent anywhere. Pictures are the
 * user's image parts. `providerOptions.prumerge` ({@link PrumergeCallOptions}) sets the reduction of one call, and
 * `providerMetadata.prumerge` says what came of it: visual tokens before and after, picture by picture, and milliseconds.
 * Tools and JSON are not supported, and warned of. The model stays the caller's, to be disposed of when no call is under way.
 */
export function languageModel(model: LoadedModel, options: LanguageModelOptions = {}): LanguageModelV3 {
  const {
    modelId = "prumerge",
    reducer = model.defaultReducer,
    positions = model.defaultPositions,
  } = options;
  const memory = new SeenMemory(options.pictureMemoryBytes ?? 256 * 2 ** 20, (seen) => {
    model.forget(seen).catch(() => undefined); // an engine that has ended holds nothing any more
  });
  const start = async (call: LanguageModelV3CallOptions, signal: AbortSignal): Promise<Begun> => {
    const prompt = readPrompt(call.prompt);
    const seen = await seePrompt(
      { model, memory, reducer, positions },
      prompt,
      readCallOptions(call),
      signal,
    );
    const answer = model.answer(
      seen.map(({ tokens }) => tokens),
      prompt.messages,
      answerOptions(call),
    );
    return { answer, seen, signal };
  };
  const begin = async (call: LanguageModelV3CallOptions) => {
    const signal = call.abortSignal ?? new AbortController().signal;
    signal.throwIfAborted();
    return orReason(start(call, signal), signal);
  };
  return {
    specificationVersion: "v3",
    provider: "prumerge",
    modelId,
    supportedUrls: {},
    async doGenerate(call) {
      const begun = await begin(call);
      const result = await finished(begun);
      return {
        content: [{ type: "text", text: result.text }],
        ...endOf(result, begun.seen),
        warnings: warningsOf(call),
        response: { modelId },
      };
    },
    async doStream(call) {
      const begun = await begin(call);
      return { stream: partsOf(begun, warningsOf(call), modelId) };
    },
  };
}

interface Begun {
  readonly answer: Answer;
  readonly seen: readonly Remembered[];
  readonly signal: AbortSignal;
}

/** What the signal was fired with, where it was, whatever that made of the work. */
function orReason<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return work.catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error;
  });
}

/** The whole answer; one that was aborted is thrown, as the SDK expects. */
async function finished({ answer, signal }: Begun): Promise<AnswerResult> {
  const result = await answer.result;
  if (result.finishReason === "aborted") throw signal.reason;
  return result;
}

function partsOf(
  begun: Begun,
  warnings: ReturnType<typeof warningsOf>,
  modelId: string,
): ReadableStream<LanguageModelV3StreamPart> {
  async function* parts(): AsyncGenerator<LanguageModelV3StreamPart> {
    const id = "0";
    yield { type: "stream-start", warnings };
    yield { type: "response-metadata", modelId };
    yield { type: "text-start", id };
    for await (const delta of begun.answer) yield { type: "text-delta", id, delta };
    const result = await finished(begun);
    yield { type: "text-end", id };
    yield { type: "finish", ...endOf(result, begun.seen) };
  }
  const made = parts();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await made.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // Leaving the iteration aborts the answer.
    cancel: async () => void (await made.return(undefined)),
  });
}

function endOf(result: AnswerResult, seen: readonly Remembered[]) {
  return {
    finishReason: finishReason(result),
    usage: usageOf(result),
    providerMetadata: metadataOf(result, seen),
  };
}

function finishReason({ finishReason: raw }: AnswerResult): LanguageModelV3FinishReason {
  return { unified: raw === "length" ? "length" : "stop", raw };
}

function usageOf({ promptTokens, reusedTokens, tokenIds }: AnswerResult): LanguageModelV3Usage {
  return {
    inputTokens: {
      total: promptTokens,
      noCache: promptTokens - reusedTokens,
      cacheRead: reusedTokens,
      cacheWrite: undefined,
    },
    outputTokens: { total: tokenIds.length, text: tokenIds.length, reasoning: undefined },
  };
}

function metadataOf(result: AnswerResult, seen: readonly Remembered[]): SharedV3ProviderMetadata {
  const pictures = seen.map(reportPicture);
  const sum = (count: (picture: (typeof pictures)[number]) => number) =>
    pictures.reduce((total, picture) => total + count(picture), 0);
  const { encode, prefill, firstToken, perToken, total } = result.timings;
  const report = {
    visualTokens: { before: sum((one) => one.unreduced_tokens), after: sum((one) => one.visual_tokens) },
    pictures,
    milliseconds: { encode, prefill, firstToken, perToken: perToken ?? null, total },
    ...(result.missingPositions !== undefined && { missingPositions: result.missingPositions }),
  };
  // Values of it are numbers, texts and lists and records of them, which the SDK's type wants said.
  return { prumerge: JSON.parse(JSON.stringify(report)) };
}
