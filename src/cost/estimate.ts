import { PrumergeError } from "../errors.js";
import { encoderOperations } from "./encoder-operations.js";
import {
  encoderParameters,
  keyValueBytesPerToken,
  languageMatrixWeights,
  type ModelGeometry,
} from "./geometry.js";
import { type Hardware, type Precision, peakRate } from "./hardware.js";
import { type Attention, languageOperations } from "./language-operations.js";
import { movedBytes, type Operation, type StageCost, stageCost } from "./operation.js";
import { type ShownPicture, shownPicture } from "./shown-picture.js";

/** What is asked of which model on which machine; one picture, batch 1. */
export interface CostRequest {
  readonly model: ModelGeometry;
  readonly hardware: Hardware;
  /** Of the language model; tower, reduction and projector are counted with 16 bits. */
  readonly precision: Precision;
  /** What the picture is for this model, where that depends on its size. Default: one square. */
  readonly picture?: ShownPicture;
  /** 1 .. the picture's; fewer means that a reduction ran, which is then counted. */
  readonly visualTokens: number;
  /** Prompt tokens that are no visual tokens, 0 .. 1,000,000. */
  readonly textTokens: number;
  /** Tokens of the answer, 1 .. 1,000,000. */
  readonly answerTokens: number;
  /** Default `fused`. */
  readonly attention?: Attention;
}

/** Least cost of one question about one picture. Times in seconds, sizes in bytes. */
export interface CostEstimate {
  readonly visualTokens: number;
  readonly promptTokens: number;
  /** Runs of the tower: the picture's views but those of which nothing is left. */
  readonly encodedViews: number;
  readonly tower: StageCost;
  /** Undefined where nothing is reduced. */
  readonly reduction: StageCost | undefined;
  readonly projector: StageCost;
  readonly prefill: StageCost;
  /** One answer token, with the cache as long as it is in the middle of the answer. */
  readonly decode: StageCost;
  /** Tower, reduction, projector and prefill. */
  readonly firstTokenSeconds: number;
  /** First token and the rest of the answer. */
  readonly answerSeconds: number;
  readonly memory: MemoryEstimate;
}

/** What has to lie in memory at once. */
export interface MemoryEstimate {
  /** Tower, projector, language model and embedding table. */
  readonly weightBytes: number;
  /** Keys and values of prompt and answer. */
  readonly keyValueBytes: number;
  /** Of the visual tokens alone. */
  readonly visualKeyValueBytes: number;
  /** The residual stream and the largest step's inputs and outputs. */
  readonly activationBytes: number;
  readonly residentBytes: number;
}

/**
 * What one question costs at least, by the roofline model: no kernel, launch or scheduling overhead.
 *
 * @throws PrumergeError INVALID_OPTION for counts out of range
 * @example
 * ```ts
 * const { firstTokenSeconds } = estimateCost({
 *   model: presets["7b"],
 *   hardware: findHardware("a100"),
 *   precision: { weightBits: 16, activationBits: 16, keyValueBits: 16 },
 *   visualTokens: 64,
 *   textTokens: 40,
 *   answerTokens: 32,
 * });
 * ```
 */
export function estimateCost(request: CostRequest): CostEstimate {
  const { model, hardware, precision, visualTokens, textTokens, answerTokens, attention = "fused" } = request;
  const { language } = model;
  const picture = shownPicture(model, request.picture);
  checkCount("visualTokens", visualTokens, 1, picture.unreducedTokens);
  checkCount("textTokens", textTokens, 0, 1_000_000);
  checkCount("answerTokens", answerTokens, 1, 1_000_000);

  const reduced = visualTokens < picture.unreducedTokens;
  const promptTokens = visualTokens + textTokens;
  const pass = (tokens: number, past: number, lookedUp: number) =>
    languageOperations(language, { tokens, past, lookedUp }, precision, attention);
  const { encodedViews, ...encoder } = encoderOperations(model, picture, visualTokens);
  const operations = {
    ...encoder,
    prefill: pass(promptTokens, 0, textTokens),
    decode: pass(1, promptTokens + Math.floor(answerTokens / 2), 1),
  };
  const { bandwidth } = hardware;
  const wide: Precision = { weightBits: 16, activationBits: 16, keyValueBits: 16 };
  const visual = (of: readonly Operation[]) => stageCost(of, { rate: peakRate(hardware, wide), bandwidth });
  const verbal = (of: readonly Operation[]) =>
    stageCost(of, { rate: peakRate(hardware, precision), bandwidth });
  const stages = {
    tower: visual(operations.tower),
    reduction: reduced ? visual(operations.reduction) : undefined,
    projector: visual(operations.projector),
    prefill: verbal(operations.prefill),
    decode: verbal(operations.decode),
  };
  const { tower, reduction, projector, prefill, decode } = stages;
  const firstTokenSeconds = tower.seconds + (reduction?.seconds ?? 0) + projector.seconds + prefill.seconds;
  return {
    visualTokens,
    promptTokens,
    encodedViews,
    ...stages,
    firstTokenSeconds,
    answerSeconds: firstTokenSeconds + (answerTokens - 1) * decode.seconds,
    memory: memory(request, promptTokens, Object.values(operations).flat()),
  };
}

function memory(
  { model, precision, visualTokens, answerTokens }: CostRequest,
  promptTokens: number,
  operations: readonly Operation[],
): MemoryEstimate {
  const { language } = model;
  const { hiddenSize, vocabularySize, tiedEmbeddings } = language;
  const embeddings = tiedEmbeddings && precision.weightBits === 16 ? 0 : hiddenSize * vocabularySize;
  const weightBytes =
    2 * (encoderParameters(model) + embeddings) +
    (languageMatrixWeights(language) * precision.weightBits) / 8;
  const perToken = keyValueBytesPerToken(language, precision.keyValueBits);
  const keyValueBytes = perToken * (promptTokens + answerTokens);
  const largest = Math.max(
    ...operations.map(
      (one) => movedBytes(one) - one.weightBytes - one.keyValueReadBytes - one.keyValueWrittenBytes,
    ),
  );
  const activationBytes = largest + (promptTokens * hiddenSize * precision.activationBits) / 8;
  return {
    weightBytes,
    keyValueBytes,
    visualKeyValueBytes: perToken * visualTokens,
    activationBytes,
    residentBytes: weightBytes + keyValueBytes + activationBytes,
  };
}

function checkCount(where: string, found: number, least: number, most: number): void {
  if (Number.isSafeInteger(found) && found >= least && found <= most) return;
  throw new PrumergeError("INVALID_OPTION", "out of range", {
    where,
    expected: `a whole number from ${least} to ${most}`,
    found: String(found),
  });
}
