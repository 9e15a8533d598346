/**
 * prumerge in a browser: the same two steps, `see` and `answer`, with ONNX Runtime Web in a worker of the page.
 *
 * @module prumerge/browser
 */
export type { Answer } from "../generate/answer.js";
export type { AnswerOptions } from "../generate/answer-options.js";
export type { AnswerResult, AnswerTimings } from "../generate/answer-result.js";
export type { Chat } from "../generate/chat.js";
export type { ChatMessage, MessagePart, Question } from "../generate/messages.js";
export type { Picture, PixelValues, View } from "../image/picture.js";
export type { FrameSettings, PreprocessSpec, VideoPreprocess } from "../image/preprocess-spec.js";
export type { SeeOptions } from "../model/see-options.js";
export { starterModel } from "../models/names.js";
export {
  classTokenRows,
  gridSide,
  patchCount,
  siteCount,
  squareModel,
  takesSquares,
} from "../models/spec.js";
export * from "../reduce/index.js";
export type { WebDevice } from "../runtime/ort-web.js";
export { type PictureWay, type Views, type WayChoices, wayChoices } from "../see/choose-aspect.js";
export { keyValueBytesPerToken } from "../see/key-value-bytes.js";
export { RememberedSight } from "../see/remembered-sight.js";
export type { RowChoices } from "../see/row-choices.js";
export { defaultPositions, type Positions, positionKinds, type RowPlace } from "../see/row-place.js";
export type { ViewCounts, VisualTokenStatistics, VisualTokens, WatchedVideo } from "../see/visual-tokens.js";
export type { VideoLimits } from "../video/limits.js";
export { rememberVideo } from "../video/remember-video.js";
export { type FrameSampling, type SamplingRule, samplingRules } from "../video/sampling.js";
export type { Video, VideoFrames } from "../video/video.js";
export type { DeviceChoice } from "./device.js";
export type { DownloadProgress } from "./download.js";
export type { DecoderForm } from "./folder-graphs.js";
export {
  type BrowserLoadOptions,
  type BrowserModel,
  loadModel,
  type RuntimeFiles,
} from "./load-model.js";
export type { BrowserImage } from "./pictures.js";
export {
  type BrowserVideoOptions,
  type BrowserVideoSource,
  type FramePicture,
  openVideo,
} from "./video/open-video.js";
