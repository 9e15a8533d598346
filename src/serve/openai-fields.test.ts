import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";

let model: LoadedModel;
let server: TestServer;
beforeAll(async () => {
  model = await loadModel();
  server = await testServer(model);
});
afterAll(async () => {
  await server.close();
  await model.dispose();
});

/** What a field may be beside absent and empty. */
interface Field {
  /** Both ends of a range, or every value that is taken. */
  readonly taken?: readonly unknown[];
  /** With the code of the refusal; each names the field. */
  readonly refused?: readonly (readonly [value: unknown, code: string, param?: string])[];
}

type Fields = Readonly<Record<string, Field>>;
type Request = Readonly<Record<string, unknown>>;

const question: Request = {
  model: "pocket-llava",
  messages: [{ role: "user", content: "Hi?" }],
  max_tokens: 1,
};
const never = "unsupported_parameter";
const text = { taken: ["x"] };
const ignored = (...taken: unknown[]): Field => ({ taken });
const unsupported = (...values: unknown[]): Field => ({ refused: values.map((value) => [value, never]) });

const range = (least: number, most: number, step: number): Field => ({
  taken: [least, most, (least + most) / 2],
  refused: [
    [least - step, "below_minimum"],
    [most + step, "above_maximum"],
    ["1", "invalid_type"],
  ],
});

const tool = { type: "function", function: { name: "look" } };
const call = { id: "1", type: "function", function: { name: "look", arguments: "{}" } };

const requestFields: Fields = {
  audio: unsupported({ format: "wav", voice: "alloy" }),
  frequency_penalty: range(-2, 2, 0.1),
  function_call: { taken: ["none", "auto"], refused: [[{ name: "look" }, "unsupported_value"]] },
  functions: { refused: [[[{ name: "look" }], "unsupported_value"]] },
  logit_bias: {
    taken: [{ 7: -100, 1147: 100 }],
    refused: [
      [{ 7: 101 }, "above_maximum", "logit_bias.7"],
      [{ x: 1 }, "invalid_value", "logit_bias.x"],
      [{ 99999: 1 }, "invalid_value", "logit_bias.99999"],
    ],
  },
  logprobs: { taken: [false], refused: [[true, "unsupported_value"]] },
  max_completion_tokens: {
    taken: [1],
    refused: [
      [0, "below_minimum"],
      [1.5, "invalid_type"],
    ],
  },
  max_tokens: {
    taken: [1, 1024],
    refused: [
      [0, "below_minimum"],
      [1.5, "invalid_type"],
    ],
  },
  metadata: ignored({ a: "b" }),
  modalities: { taken: [["text"]], refused: [[["text", "audio"], "unsupported_value"]] },
  moderation: unsupported({ model: "omni-moderation-latest" }),
  n: {
    taken: [1],
    refused: [
      [2, "unsupported_value"],
      [0, "unsupported_value"],
      [128, "unsupported_value"],
    ],
  },
  parallel_tool_calls: ignored(true, false),
  prediction: unsupported({ type: "content", content: "x" }),
  presence_penalty: range(-2, 2, 0.1),
  prompt_cache_key: text,
  prompt_cache_options: ignored({ mode: "implicit" }, { mode: "explicit", ttl: "30m" }),
  prompt_cache_retention: ignored("in_memory", "24h"),
  reasoning_effort: ignored("none", "minimal", "low", "medium", "high", "xhigh", "max"),
  response_format: {
    taken: [{ type: "text" }],
    refused: [
      [{ type: "json_object" }, "unsupported_value", "response_format.type"],
      [{ type: "json_schema", json_schema: { name: "x" } }, "unsupported_value", "response_format.type"],
    ],
  },
  safety_identifier: text,
  seed: {
    // The ends of 64 bits as JSON has them: a number beyond 2^53 is rounded.
    taken: [0, -1, 2 ** 32, 2 ** 53 + 2, -(2 ** 63), 2 ** 63],
    refused: [
      [1.5, "invalid_type"],
      [2 ** 64, "above_maximum"],
      [-(2 ** 64), "below_minimum"],
    ],
  },
  service_tier: ignored("auto", "default", "flex", "scale", "priority"),
  stop: {
    taken: ["x", ["x"], ["a", "b", "c", "d"], [""], ["", "x"]],
    refused: [[["a", "b", "c", "d", "e"], "above_maximum"]],
  },
  store: { taken: [false], refused: [[true, "unsupported_value"]] },
  stream: { taken: [true, false] },
  stream_options: {
    taken: [{ include_usage: true }],
    refused: [[{ x: 1 }, "unknown_parameter", "stream_options.x"]],
  },
  temperature: range(0, 2, 0.1),
  tool_choice: {
    taken: ["none", "auto"],
    refused: [
      ["required", "unsupported_value"],
      [{ type: "function", function: { name: "look" } }, "unsupported_value"],
    ],
  },
  tools: { refused: [[[tool], "unsupported_value"]] },
  top_logprobs: { taken: [0], refused: [[20, "unsupported_value"]] },
  top_p: range(0, 1, 0.1),
  user: text,
  verbosity: ignored("low", "medium", "high"),
  web_search_options: unsupported({ search_context_size: "low" }),
};

const answerFields: Fields = {
  audio: unsupported({ id: "1" }),
  function_call: unsupported({ name: "look", arguments: "{}" }),
  tool_calls: unsupported([call]),
};

const last = { role: "user", content: "Why?" };
const turn = (message: Request): Request => ({ ...question, messages: [message, last] });
const answered = (fields: Request) => turn({ role: "assistant", content: "x", ...fields });
const part = (one: Request, role = "user"): Request => ({
  ...question,
  messages: [{ role, content: [one] }, last],
});
const breakpoint: Fields = { prompt_cache_breakpoint: ignored({ mode: "explicit" }) };
const url = sampleUrl(1);

/** Interfaces of the client's types, with a request that has these fields of one, and where they stand in it. */
const levels: readonly (readonly [
  type: string,
  place: string,
  request: (fields: Request) => Request,
  Fields,
])[] = [
  ["ChatCompletionCreateParamsBase", "", (fields) => ({ ...question, ...fields }), requestFields],
  [
    "PromptCacheOptions",
    "prompt_cache_options",
    (fields) => ({ ...question, prompt_cache_options: fields }),
    { mode: ignored("implicit", "explicit"), ttl: ignored("30m") },
  ],
  [
    "ChatCompletionStreamOptions",
    "stream_options",
    (fields) => ({ ...question, stream: true, stream_options: fields }),
    {
      include_obfuscation: { taken: [false], refused: [[true, "invalid_value"]] },
      include_usage: ignored(true, false),
    },
  ],
  [
    "ChatCompletionSystemMessageParam",
    "messages[0]",
    (fields) => turn({ role: "system", content: "x", ...fields }),
    { name: text },
  ],
  [
    "ChatCompletionDeveloperMessageParam",
    "messages[0]",
    (fields) => turn({ role: "developer", content: "x", ...fields }),
    { name: text },
  ],
  [
    "ChatCompletionUserMessageParam",
    "messages[0]",
    (fields) => turn({ role: "user", content: "x", ...fields }),
    { name: text },
  ],
  [
    "ChatCompletionAssistantMessageParam",
    "messages[0]",
    answered,
    {
      ...answerFields,
      content: ignored("x", [{ type: "text", text: "x" }], [{ type: "refusal", refusal: "no" }]),
      name: text,
      refusal: ignored("I may not."),
    },
  ],
  [
    "ChatCompletionMessage",
    "messages[0]",
    (fields) => answered({ refusal: null, ...fields }),
    {
      ...answerFields,
      annotations: ignored([
        { type: "url_citation", url_citation: { start_index: 0, end_index: 1, title: "", url: "" } },
      ]),
    },
  ],
  [
    "ChatCompletionContentPartText",
    "messages[0].content[0]",
    (fields) => part({ type: "text", text: "x", ...fields }),
    breakpoint,
  ],
  [
    "ChatCompletionContentPartText",
    "messages[0].content[0]",
    (fields) => part({ type: "text", text: "x", ...fields }, "system"),
    breakpoint,
  ],
  [
    "ChatCompletionContentPartImage",
    "messages[0].content[0]",
    (fields) => part({ type: "image_url", image_url: { url }, ...fields }),
    breakpoint,
  ],
  [
    "ImageURL",
    "messages[0].content[0].image_url",
    (fields) => part({ type: "image_url", image_url: { url, ...fields } }),
    {
      detail: ignored("auto", "low", "high"),
    },
  ],
  [
    "ChatCompletionContentPartRefusal",
    "messages[0].content[0]",
    (fields) => answered({ content: [{ type: "refusal", refusal: "x", ...fields }] }),
    {},
  ],
  [
    "ResponseFormatText",
    "response_format",
    (fields) => ({ ...question, response_format: { type: "text", ...fields } }),
    {},
  ],
];

const declarations = ["chat/completions/completions.d.ts", "shared.d.ts"]
  .map((file) =>
    readFileSync(new URL(`../../node_modules/openai/resources/${file}`, import.meta.url), "utf8"),
  )
  .join("\n")
  .replace(/\/\*.*?\*\//gs, "");

/** Names of the fields that may be absent, in the installed client's declarations. */
function optionalFields(type: string): string[] {
  const [, indent, body] = new RegExp(`^( *)(?:export )?interface ${type} \\{\n(.*?)^\\1\\}`, "ms").exec(
    declarations,
  )!;
  return [...body!.matchAll(new RegExp(`^${indent}    (\\w+)\\?:`, "gm"))].map(([, name]) => name!);
}

async function outcome(request: Request): Promise<readonly [number, string?, string?]> {
  const answer = await server.post("/v1/chat/completions", request);
  const body = await answer.text();
  if (answer.status === 200) return [200];
  const { error } = JSON.parse(body) as { error: { code: string; param: string } };
  return [answer.status, error.code, error.param];
}

describe.each(levels)("%s at '%s'", (type, place, request, fields) => {
  it("has the fields that the installed client's types have", () => {
    expect(Object.keys(fields).sort()).toEqual(optionalFields(type).sort());
  });

  it.each(
    Object.entries(fields),
  )("%s: absent, null and empty mean the same; the ends of its range", async (name, field) => {
    expect(await outcome(request({}))).toEqual([200]);
    for (const value of [null, "", [], {}, ...(field.taken ?? [])]) {
      const length = name === "max_completion_tokens" ? { max_tokens: null } : {};
      expect([value, ...(await outcome({ ...request({ [name]: value }), ...length }))]).toEqual([value, 200]);
    }
    for (const [value, code, param = place === "" ? name : `${place}.${name}`] of field.refused ?? []) {
      expect([value, ...(await outcome(request({ [name]: value })))]).toEqual([value, 400, code, param]);
    }
  });
});

describe("a request", () => {
  it("may come with all of them empty", async () => {
    const none = (fields: Fields, value: unknown) =>
      Object.fromEntries(Object.keys(fields).map((name) => [name, value]));
    for (const value of [null, "", [], {}]) {
      const message = {
        role: "assistant",
        ...none(answerFields, value),
        content: value,
        refusal: value,
        annotations: value,
      };
      const { messages, model } = turn(message);
      expect(await outcome({ ...none(requestFields, value), messages, model })).toEqual([200]);
    }
  });

  it("may have tools that must not be called", async () => {
    expect(await outcome({ ...question, tools: [tool], tool_choice: "none" })).toEqual([200]);
    expect(await outcome({ ...question, functions: [tool.function], function_call: "none" })).toEqual([200]);
    expect(await outcome({ ...question, tools: [tool], tool_choice: "auto" })).toEqual([
      400,
      "unsupported_value",
      "tools",
    ]);
  });

  it("says one length, or the same twice", async () => {
    expect(await outcome({ ...question, max_completion_tokens: 1 })).toEqual([200]);
    expect(await outcome({ ...question, max_completion_tokens: 2 })).toEqual([
      400,
      "invalid_value",
      "max_tokens",
    ]);
  });

  it("is refused fields that nobody knows, also empty ones", async () => {
    expect(await outcome({ ...question, temprature: null })).toEqual([
      400,
      "unknown_parameter",
      "temprature",
    ]);
    expect(await outcome(answered({ refusel: null }))).toEqual([
      400,
      "unknown_parameter",
      "messages[0].refusel",
    ]);
  });
});

describe("fields of this server's own", () => {
  const see = async (request: Request): Promise<unknown> => {
    const answer = await server.post("/v1/visual-tokens", {
      image_url: { url },
      embeddings: false,
      ...request,
    });
    const body = (await answer.json()) as {
      picture?: { visual_tokens: number };
      error?: { message: string };
    };
    return body.picture?.visual_tokens ?? body.error?.message;
  };

  it.each([
    "method",
    "visual_tokens",
    "options",
    "image_aspect",
    "remember",
  ])("prumerge.%s: absent, null and empty mean the same", async (name) => {
    for (const value of [null, "", [], {}]) {
      const prumerge = { [name]: value };
      expect([value, await see({ prumerge })]).toEqual([value, 144]);
      expect([value, ...(await outcome({ ...question, prumerge }))]).toEqual([value, 200]);
    }
  });

  it.each([
    "prumerge",
    "model",
    "embeddings",
    "inspect",
    "signals",
  ])("%s of a picture's visual tokens: absent, null and empty mean the same", async (name) => {
    for (const value of [null, "", [], {}]) {
      expect([value, await see({ [name]: value })]).toEqual([value, 144]);
    }
  });

  it("options of a method may be null or empty, by names that it knows", async () => {
    for (const value of [null, ""])
      expect(await see({ prumerge: { options: { iqrFactor: value, order: value } } })).toBe(144);
    expect(await see({ prumerge: { options: { iqrFaktor: null } } })).toMatch(/no option "iqrFaktor"/);
  });

  it("a cache's mode may be null or empty", async () => {
    for (const mode of [null, ""]) {
      const request = part({ type: "text", text: "x", prompt_cache_breakpoint: { mode } });
      expect(await outcome(request)).toEqual([200]);
    }
  });

  it("a budget is read as the command line reads it, and its forms are said", async () => {
    expect(await see({ prumerge: { method: "random", visual_tokens: "100.0%" } })).toBe(576);
    expect(await see({ prumerge: { visual_tokens: "064" } })).toBe(64);
    for (const visual_tokens of ["adaptve", "0%", "101%", "0", "64 "])
      expect(await see({ prumerge: { visual_tokens } })).toMatch(/expected a count \(64\), a share \(25%\)/);
    expect(await outcome({ ...question, prumerge: { visual_tokens: "0%" } })).toEqual([
      400,
      "invalid_value",
      "prumerge.visual_tokens",
    ]);
  });
});

describe("an answer", () => {
  it("is taken back to the letter, by the client's types and as it came", async () => {
    const { client } = server;
    // Answered in fewer tokens than are allowed: the client does not take apart what was cut off.
    const ask = { role: "user" as const, content: "Is there a cat?" };
    const first = await client.chat.completions.create({
      model: "pocket-llava",
      messages: [ask],
      max_tokens: 4,
    });
    const { message } = first.choices[0]!;
    const messages = [ask, message, { role: "user" as const, content: "Why?" }];
    const second = await client.chat.completions.create({ model: "pocket-llava", messages, max_tokens: 4 });
    expect(second.usage!.prompt_tokens).toBeGreaterThan(first.usage!.prompt_tokens);
    const parsed = await client.chat.completions.parse({
      model: "pocket-llava",
      messages: [ask],
      max_tokens: 4,
    });
    const again = [ask, parsed.choices[0]!.message, { role: "user" as const, content: "Why?" }];
    const third = await client.chat.completions.create({
      model: "pocket-llava",
      messages: again,
      max_tokens: 4,
    });
    expect(third.choices[0]!.message.content).toBe(second.choices[0]!.message.content);
  });

  it("that refuses is what the assistant said", async () => {
    const tokens = async (message: Request) => {
      const answer = await server.post("/v1/chat/completions", turn({ role: "assistant", ...message }));
      return ((await answer.json()) as { usage: { prompt_tokens: number } }).usage.prompt_tokens;
    };
    const said = await tokens({ content: "I may not." });
    expect(await tokens({ content: null, refusal: "I may not." })).toBe(said);
    expect(await tokens({ content: [{ type: "refusal", refusal: "I may not." }] })).toBe(said);
    expect(await tokens({})).toBeLessThan(said);
  });
});
