import type { z } from "@hono/zod-openapi";
import { expect, it } from "vitest";
import type {
  AnswerReport,
  ChatChunkExtension,
  ErrorBody,
  Info,
  Inspection,
  PictureReport,
  Reduction,
  VideoPart,
  VisualTokensAnswer,
  VisualTokensRequest,
} from "../../api/index.js";
import type { InspectionJson } from "../../view/index.js";
import type { ChatAnswer, ChatChunk } from "./chat-answer.js";
import type { ChatRequest, RequestMessage } from "./chat-request.js";
import type { errorSchema } from "./error.js";
import type { infoSchema } from "./info.js";
import { type pictureReportSchema, reductionSchema } from "./reduction.js";
import type { visualTokensAnswerSchema, visualTokensRequestSchema } from "./visual-tokens.js";

/** Without what the two ways of writing a type differ in and JSON does not know: readonly, and undefined for absent. */
type Plain<T> = T extends object ? { -readonly [Key in keyof T]: Plain<Exclude<T[Key], undefined>> } : T;
/** Whether two types are one, optional fields included. */
type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

/** Fails to compile where what the server validates with and what its clients are told differ. */
const same: {
  reduction: Same<z.infer<typeof reductionSchema>, Reduction>;
  picture: Same<z.infer<typeof pictureReportSchema>, PictureReport>;
  answer: Same<ChatAnswer["prumerge"], AnswerReport>;
  chunk: Same<Pick<ChatChunk, "prumerge">, ChatChunkExtension>;
  request: Same<z.infer<typeof visualTokensRequestSchema>, VisualTokensRequest>;
  visualTokens: Same<z.infer<typeof visualTokensAnswerSchema>, VisualTokensAnswer>;
  inspection: Same<InspectionJson, Inspection>;
  info: Same<z.infer<typeof infoSchema>, Info>;
  error: Same<z.infer<typeof errorSchema>, ErrorBody>;
  video: VideoPart extends PartOf<Extract<RequestMessage, { role: "user" }>["content"]> ? true : false;
  chat: Same<Pick<ChatRequest, "prumerge">, { prumerge?: Reduction }>;
} = {
  reduction: true,
  picture: true,
  answer: true,
  chunk: true,
  request: true,
  visualTokens: true,
  inspection: true,
  info: true,
  error: true,
  video: true,
  chat: true,
};
type PartOf<Content> = Exclude<Content, string> extends (infer Part)[] ? Part : never;

/** The comparison can fail: a field more, a field less, an optional one, another value. */
const different: [
  Same<{ a: number }, { a: number; b: number }>,
  Same<{ a: number }, { a?: number }>,
  Same<{ a: "x" | "y" }, { a: "x" }>,
  Same<{ a: { b: number }[] }, { a: { b: string }[] }>,
  Same<{ a: [number, number] }, { a: number[] }>,
  Same<{ a: unknown }, { a: string }>,
] = [false, false, false, false, false, false];

it("what clients are told is what the server validates with", () => {
  expect(Object.values(same).every(Boolean)).toBe(true);
  expect(different.some(Boolean)).toBe(false);
  const every: Required<Reduction> = {
    method: "cover",
    visual_tokens: "25%",
    options: { reach: 0.5, order: "raster", sizeBias: false, neighbours: null },
    image_aspect: "pad",
    views: "all",
    min_pixels: 1024,
    max_pixels: 4096,
    frames: 8,
    fps: 2,
    sampling: "linspace",
    positions: "tight",
    remember: false,
  };
  expect(reductionSchema.parse(every)).toEqual(every);
});
