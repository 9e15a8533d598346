import type { LanguageModelV3CallOptions, SharedV3Warning } from "@ai-sdk/provider";
import { z } from "zod";
import { PrumergeError } from "../errors.js";
import type { AnswerOptions } from "../generate/answer-options.js";
import { budgetForms, parseBudget } from "../reduce/index.js";
import { positionKinds } from "../see/row-place.js";

const callOptionsSchema = z.strictObject({
  method: z.string().optional(),
  visualTokens: z
    .union([z.int().positive(), z.string()])
    .refine((text) => parseBudget(String(text)) !== undefined, `expected ${budgetForms}`)
    .optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  positions: z.enum(positionKinds).optional(),
});

/** `providerOptions.prumerge` of a call: how its pictures are reduced, where it is not as the model was made. */
export interface PrumergeCallOptions {
  /** Such as `cover` or `prumerge+`; `none` keeps everything. */
  readonly method?: string;
  /** A count, a share (`"25%"`), `"adaptive"`, `"adaptive:144"` or `"all"`, as far as the method takes it. */
  readonly visualTokens?: number | string;
  /** Options of the method. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Where kept rows stand in the prompt. */
  readonly positions?: (typeof positionKinds)[number];
}

/** @throws PrumergeError INVALID_OPTION for a name or kind of value that is not known */
export function readCallOptions({ providerOptions }: LanguageModelV3CallOptions): PrumergeCallOptions {
  const read = callOptionsSchema.safeParse(providerOptions?.prumerge ?? {});
  if (read.success) return read.data as PrumergeCallOptions;
  const [issue] = read.error.issues;
  throw new PrumergeError("INVALID_OPTION", "options that are not understood", {
    where: ["providerOptions", "prumerge", ...issue!.path].join("."),
    expected: "method, visualTokens, options and positions",
    found: issue!.message,
  });
}

/** The settings of a call as the library has them. */
export function answerOptions(call: LanguageModelV3CallOptions): AnswerOptions {
  const { maxOutputTokens, temperature, topP, topK, stopSequences, seed, presencePenalty, frequencyPenalty } =
    call;
  return {
    ...(maxOutputTokens !== undefined && { maxNewTokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stopSequences !== undefined && { stop: stopSequences }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(call.abortSignal !== undefined && { signal: call.abortSignal }),
  };
}

/** What was asked for and is not done; the SDK tells its user. */
export function warningsOf({
  tools = [],
  toolChoice,
  responseFormat,
}: LanguageModelV3CallOptions): SharedV3Warning[] {
  const warnings: SharedV3Warning[] = tools.map(({ name }) => ({
    type: "unsupported",
    feature: `tool ${name}`,
  }));
  // "auto" without tools is what the SDK's version 7 says where nobody said anything.
  if ((toolChoice?.type === "required" || toolChoice?.type === "tool") && tools.length === 0) {
    warnings.push({ type: "unsupported", feature: "toolChoice" });
  }
  if (responseFormat?.type === "json") {
    const details = "Nothing constrains the answer to JSON.";
    warnings.push({ type: "unsupported", feature: "responseFormat", details });
  }
  return warnings;
}
