import { z } from "@hono/zod-openapi";
import { fewFields } from "./bounded.js";

/**
 * Fields of OpenAI's requests that have no effect here: taken with the values that mean "nothing special", which clients
 * send by default, and refused with any other, which would promise what is not done.
 */
export const unusedFields = {
  n: z.literal(1).nullish(),
  frequency_penalty: z.literal(0).nullish(),
  presence_penalty: z.literal(0).nullish(),
  logit_bias: z.strictObject({}).nullish(),
  logprobs: z.literal(false).nullish(),
  top_logprobs: z.literal(0).nullish(),
  response_format: z.strictObject({ type: z.literal("text") }).nullish(),
  modalities: z.array(z.literal("text")).max(1).nullish(),
  tools: z.array(z.unknown()).max(0).nullish(),
  tool_choice: z.enum(["none", "auto"]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  service_tier: z.enum(["auto", "default"]).nullish(),
  store: z.literal(false).nullish(),
  metadata: fewFields(z.record(z.string().max(64), z.string().max(512))).nullish(),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(512).nullish(),
  prompt_cache_key: z.string().max(512).nullish(),
};

/** Fields of OpenAI's requests that are not taken at all. */
const refusedFields: readonly string[] = [
  "audio",
  "function_call",
  "functions",
  "prediction",
  "prompt_cache_retention",
  "reasoning_effort",
  "verbosity",
  "web_search_options",
];

/** Whether a refused field is one of OpenAI's, rather than a mistake. */
export function isUnsupportedField(name: unknown): boolean {
  return typeof name === "string" && (Object.hasOwn(unusedFields, name) || refusedFields.includes(name));
}
