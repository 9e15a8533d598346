import { createRoute, z } from "@hono/zod-openapi";
import { chatAnswerSchema, chatChunkSchema } from "./chat-answer.js";
import { chatRequestSchema } from "./chat-request.js";
import { errorSchema } from "./error.js";
import { infoSchema, modelEntrySchema, modelListSchema } from "./info.js";
import { visualTokensAnswerSchema, visualTokensRequestSchema } from "./visual-tokens.js";

function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

const security = [{ bearer: [] }];

const refusals = {
  400: json("The request is not understood, or asks for what is not done here.", errorSchema),
  401: json("The key is missing or wrong.", errorSchema),
  413: json("The body is too large.", errorSchema),
  429: json("Too much is waiting already; Retry-After says when to come again.", errorSchema),
  500: json("It failed here.", errorSchema),
};

export const chatRoute = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  summary: "Answer a conversation about pictures",
  security,
  request: body(chatRequestSchema),
  responses: {
    200: {
      description: "The answer; with `stream: true` as server-sent events that end with [DONE].",
      content: {
        "application/json": { schema: chatAnswerSchema },
        "text/event-stream": { schema: chatChunkSchema },
      },
    },
    ...refusals,
  },
});

export const visualTokensRoute = createRoute({
  method: "post",
  path: "/v1/visual-tokens",
  summary: "Reduce a picture to visual tokens",
  security,
  request: body(visualTokensRequestSchema),
  responses: {
    200: {
      description: "Plan and embeddings; with `Accept: application/x-npy` the embeddings alone.",
      content: {
        "application/json": { schema: visualTokensAnswerSchema },
        "application/x-npy": { schema: { type: "string", format: "binary" } },
      },
    },
    ...refusals,
  },
});

export const modelsRoute = createRoute({
  method: "get",
  path: "/v1/models",
  summary: "The model served",
  security,
  responses: { 200: json("A list of one.", modelListSchema), 401: refusals[401] },
});

/** Its path is matched by hand: names of models may have slashes, escaped or not. */
export const modelRoute = createRoute({
  method: "get",
  path: "/v1/models/{model}",
  summary: "The model served, by its name",
  security,
  request: { params: z.object({ model: z.string() }) },
  responses: {
    200: json("It.", modelEntrySchema),
    401: refusals[401],
    404: json("Another model is served.", errorSchema),
  },
});

export const infoRoute = createRoute({
  method: "get",
  path: "/v1/prumerge/info",
  summary: "Model, methods with their options, samples and limits",
  security,
  responses: { 200: json("What this server is.", infoSchema), 401: refusals[401] },
});
