import { z } from "@hono/zod-openapi";
import { fewFields } from "./bounded.js";
import { loosely, unsupported } from "./loosely.js";

const named = z.string().max(512).optional();

/** Hints about price, speed, style and bookkeeping: what is answered is right with any of them. Taken without effect. */
const hints = {
  metadata: fewFields(z.record(z.string().max(64), z.string().max(512))).optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt_cache_key: named,
  prompt_cache_options: loosely(
    z.strictObject({
      mode: z.enum(["implicit", "explicit"]).optional(),
      ttl: z.string().max(16).optional(),
    }),
    ["mode", "ttl"],
  ).optional(),
  prompt_cache_retention: z.enum(["in_memory", "24h"]).optional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).optional(),
  safety_identifier: named,
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority"]).optional(),
  user: named,
  verbosity: z.enum(["low", "medium", "high"]).optional(),
};

/**
 * Fields whose effect is not given here: taken with the values that mean "nothing special", which clients send by
 * default, and refused with any other, which would promise what is not done.
 */
const withOneValue = {
  n: z.literal(1).optional(),
  logprobs: z.literal(false).optional(),
  top_logprobs: z.literal(0).optional(),
  response_format: z.strictObject({ type: z.literal("text") }).optional(),
  modalities: z.array(z.literal("text")).max(1).optional(),
  store: z.literal(false).optional(),
  tools: z.array(z.unknown()).max(0).optional(),
  tool_choice: z.enum(["none", "auto"]).optional(),
  functions: z.array(z.unknown()).max(0).optional(),
  function_call: z.enum(["none", "auto"]).optional(),
};

/** Fields that nothing but an empty value is taken of. */
const refused = {
  audio: unsupported,
  moderation: unsupported,
  prediction: unsupported,
  web_search_options: unsupported,
};

/** Fields of OpenAI's requests that change nothing of an answer here. */
export const unusedFields = { ...hints, ...withOneValue, ...refused };

/** Whether a refused field is one of OpenAI's, rather than a mistake. */
export function isUnsupportedField(name: unknown): boolean {
  return typeof name === "string" && Object.hasOwn(unusedFields, name);
}

/** What to do about a field that is refused; empty where there is nothing but to leave it out. */
export function adviceOn(field: string): string {
  return (
    { response_format: " Ask for JSON in the message, and check what comes.", tools: " Leave tools out." }[
      field
    ] ?? ""
  );
}

/** Tools that must not be called need not be refused. */
export function withoutUncallable(request: unknown): unknown {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return request;
  const { tools, functions, ...rest } = request as Record<string, unknown>;
  return {
    ...rest,
    ...(tools !== undefined && rest.tool_choice !== "none" && { tools }),
    ...(functions !== undefined && rest.function_call !== "none" && { functions }),
  };
}
