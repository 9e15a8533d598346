/**
 * Types of what `prumerge serve` and `createHandler` add to OpenAI's API, for clients of it. Nothing but types: a program that
 * imports them loads nothing.
 *
 * @example
 * ```ts
 * import OpenAI from "openai";
 * import type { ChatAnswerExtension, ChatExtension } from "prumerge/api";
 *
 * const request: OpenAI.ChatCompletionCreateParamsNonStreaming & ChatExtension = {
 *   model: "pocket-llava",
 *   messages: [{ role: "user", content: "..." }],
 *   prumerge: { method: "cover", visual_tokens: 64 },
 * };
 * const answer = (await client.chat.completions.create(request)) as OpenAI.ChatCompletion & ChatAnswerExtension;
 * console.log(answer.prumerge.pictures[0]?.visual_tokens);
 * ```
 *
 * @module prumerge/api
 */
export type {
  AnswerReport,
  ChatAnswerExtension,
  ChatChunkExtension,
  ChatExtension,
  Timings,
  VideoPart,
} from "./chat.js";
export type { ErrorBody } from "./error.js";
export type { Info, MethodInfo, ModelInfo } from "./info.js";
export type { InspectedToken, InspectedView, Inspection, InspectionStatistics } from "./inspection.js";
export type {
  FrameRule,
  PictureReport,
  Positions,
  Reduction,
  VideoReport,
  ViewReport,
} from "./reduction.js";
export type { GridPart, Rectangle, Region } from "./region.js";
export type {
  FilmInspection,
  InspectedFrame,
  LayerSignals,
  Npy,
  Place,
  Plan,
  Signals,
  VisualTokensAnswer,
  VisualTokensRequest,
} from "./visual-tokens.js";
