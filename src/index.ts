/**
 * LLaVA-PruMerge for TypeScript: multimodal models answer from fewer visual tokens.
 *
 * Importing this module loads nothing heavy; {@link loadModel} does.
 *
 * @module prumerge
 */
import type { LoadOptions } from "./model/load-model.js";
import type { LoadedModel } from "./model/model.js";

export { type ErrorCode, type ErrorDetails, PrumergeError } from "./errors.js";
export type { LlavaSpec } from "./families/llava/spec.js";
export type { LlavaNextSpec } from "./families/llava-next/spec.js";
export type { LlavaOnevisionSpec } from "./families/llava-onevision/spec.js";
export type { SmolVlmSpec } from "./families/smolvlm/spec.js";
export type { Answer } from "./generate/answer.js";
export type { AnswerOptions } from "./generate/answer-options.js";
export type { AnswerResult, AnswerTimings } from "./generate/answer-result.js";
export type { Chat } from "./generate/chat.js";
export type { AnswerLimits } from "./generate/context.js";
export type { FinishReason } from "./generate/generate.js";
export type { ChatMessage, MessagePart, Question, RawPrompt } from "./generate/messages.js";
export type { SamplingOptions } from "./generate/sampling.js";
export type { Patience } from "./hub/connection.js";
export type { ConversionEstimate } from "./hub/estimate.js";
export type { CheckpointModel, HubOrigin } from "./hub/found-model.js";
export type { HubProgress } from "./hub/resolve-hub.js";
export type { Picture, PixelValues, View } from "./image/picture.js";
export type { FrameSettings, PreprocessSpec, VideoPreprocess } from "./image/preprocess-spec.js";
export { type ComparedAnswer, type ComparisonOptions, compareReducers } from "./model/compare-reducers.js";
export type { LoadOptions } from "./model/load-model.js";
export type { LoadedModel } from "./model/model.js";
export type { ImageInput } from "./model/model-input.js";
export type { SeeOptions } from "./model/see-options.js";
export type { CacheForm } from "./models/cache-forms.js";
export type { OtherForms, PrefillGraph } from "./models/language-forms.js";
export {
  classTokenRows,
  gridSide,
  type LanguageModelSpec,
  type ModelSpec,
  type NativeTowerSpec,
  patchCount,
  type SquareModelSpec,
  siteCount,
  squareModel,
  type VisionTowerSpec,
} from "./models/spec.js";
export * from "./reduce/index.js";
export type { PoolLimits } from "./runtime/decoder-settings.js";
export type { PictureWay, Views } from "./see/choose-aspect.js";
export { framesApart } from "./see/frames-apart.js";
export { RememberedSight } from "./see/remembered-sight.js";
export type { RowChoices } from "./see/row-choices.js";
export {
  defaultPositions,
  type OtherPositions,
  type Positions,
  positionKinds,
  type RowPlace,
} from "./see/row-place.js";
export type { PartedRows, RowRun } from "./see/row-runs.js";
export type { ViewCounts, VisualTokenStatistics, VisualTokens, WatchedVideo } from "./see/visual-tokens.js";
export { encodeNpy } from "./tensor/npy.js";
export type { VideoLimits } from "./video/limits.js";
export { openVideo, type VideoOptions, type VideoSource } from "./video/open-video.js";
export { rememberVideo } from "./video/remember-video.js";
export { type FrameSampling, type SamplingRule, sampleFrames, samplingRules } from "./video/sampling.js";
export type { Video, VideoFrames } from "./video/video.js";

/**
 * Loads a model: the bundled one, a model folder, or a model of the hub by `owner/name`.
 *
 * @param idOrFolder default: the bundled `pocket-llava`, whose `notes` then say what it knows
 * @throws PrumergeError NOT_FOUND with what was looked for; UNSUPPORTED_MODEL for an unconverted checkpoint, with the
 * command that converts it; INVALID_FILE for a damaged folder; INVALID_OPTION; NETWORK
 * @example
 * ```ts
 * import { loadModel, pruMergePlus } from "prumerge";
 *
 * const model = await loadModel();
 * const seen = await model.see("table.png", pruMergePlus({ tokens: 64 }));
 * for await (const text of model.answer(seen, "What is on the table?")) process.stdout.write(text);
 * await model.dispose();
 * ```
 */
export async function loadModel(idOrFolder?: string, options?: LoadOptions): Promise<LoadedModel> {
  const { loadModel: load } = await import("./model/load-model.js");
  return load(idOrFolder, options);
}
