import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";

let model: LoadedModel;
let server: TestServer;
beforeAll(async () => {
  model = await loadModel();
  server = await testServer(model, {
    limits: { outputTokens: 2, pictures: 2, textCharacters: 4000, picturePixels: 1_000_000, waiting: 512 },
  });
});
afterAll(async () => {
  await server.close();
  await model.dispose();
});

const small = readFileSync(samplePath("sample_3.png"));

/** Picture files, cut off, with bytes changed, and sound ones. */
const damagedPicture = fc
  .record({
    end: fc.integer({ min: 0, max: small.length }),
    changes: fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 4 }),
  })
  .map(({ end, changes }) => {
    const bytes = Buffer.from(small);
    for (const [at, value] of changes) bytes[at] = value;
    return `data:image/png;base64,${bytes.subarray(0, end).toString("base64")}`;
  });
const url = fc.oneof(
  { weight: 1, arbitrary: fc.constant(sampleUrl(3)) },
  { weight: 4, arbitrary: damagedPicture },
  {
    weight: 3,
    arbitrary: fc.string({ unit: "binary", maxLength: 40 }).map((text) => `data:image/png;base64,${text}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => `data:;base64,${Buffer.from(bytes).toString("base64")}`),
  },
  { weight: 2, arbitrary: fc.webUrl() },
  { weight: 2, arbitrary: fc.string() },
);

/** Any value: mostly none that belongs there. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    "",
    "<image>",
    "</s>",
    "__proto__",
    [],
    {},
    [null],
    { type: "text" },
  ),
);
/** A value of its kind, sometimes anything. */
const mostly = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 7, arbitrary: arbitrary as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: anything });

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("<image>", "USER: <image>", "</s>", "\u0000"),
);
const part = fc.oneof(
  fc.record({ type: fc.constant("text"), text: mostly(text) }),
  fc.record({ type: fc.constant("image_url"), image_url: mostly(fc.record({ url: mostly(url) })) }),
);
const message = fc.record(
  {
    role: mostly(fc.constantFrom("user", "user", "user", "assistant", "system", "developer", "tool")),
    content: mostly(fc.oneof(text, fc.array(mostly(part), { maxLength: 3 }))),
    name: mostly(fc.string()),
  },
  { requiredKeys: ["role", "content"] },
);
const reduction = fc.record(
  {
    method: mostly(fc.constantFrom("prumerge", "prumerge+", "uniform", "random", "none", "baked")),
    visual_tokens: mostly(
      fc.oneof(fc.integer({ min: -1, max: 700 }), fc.constantFrom("adaptive", "adaptive:9", "adaptive:0")),
    ),
    options: mostly(
      fc.dictionary(
        fc.constantFrom("iqrFactor", "neighbours", "order", "seed", "tokens", "__proto__"),
        anything,
      ),
    ),
    image_aspect: mostly(fc.constantFrom("crop", "pad", "stretch")),
    remember: mostly(fc.boolean()),
  },
  { requiredKeys: [] },
);
const chat = fc.record(
  {
    model: mostly(fc.constant("pocket-llava")),
    messages: mostly(fc.array(mostly(message), { maxLength: 3 })),
    max_tokens: mostly(fc.integer({ min: 1, max: 2 })),
    temperature: mostly(fc.double({ min: 0, max: 2, noNaN: true })),
    top_p: mostly(fc.double({ min: 0, max: 1, noNaN: true })),
    seed: mostly(fc.integer()),
    stop: mostly(fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 5 }))),
    stream: mostly(fc.boolean()),
    stream_options: mostly(fc.record({ include_usage: fc.boolean() })),
    n: mostly(fc.constant(1)),
    prumerge: mostly(reduction),
    other: anything,
  },
  { requiredKeys: ["model", "messages", "max_tokens"] },
);
const visualTokens = fc.record(
  {
    image_url: mostly(fc.record({ url: mostly(url) })),
    prumerge: mostly(reduction),
    inspect: mostly(fc.boolean()),
    embeddings: mostly(fc.boolean()),
  },
  { requiredKeys: ["image_url"] },
);

/** Nothing wrong with it. */
const sound = fc
  .record(
    {
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      seed: fc.nat(),
      stream: fc.boolean(),
      prumerge: fc.record({
        method: fc.constantFrom("prumerge", "prumerge+", "uniform", "random"),
        visual_tokens: fc.integer({ min: 1, max: 64 }),
      }),
    },
    { requiredKeys: ["prumerge"] },
  )
  .map((fields) => ({
    model: "pocket-llava",
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: sampleUrl(3) } }] }],
    max_tokens: 2,
    ...fields,
  }));

const bodies = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("/v1/chat/completions"),
      sound.map((body) => JSON.stringify(body)),
    ),
  },
  {
    weight: 16,
    arbitrary: fc.tuple(
      fc.constant("/v1/chat/completions"),
      chat.map((body) => JSON.stringify(body)),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant("/v1/visual-tokens"),
      visualTokens.map((body) => JSON.stringify(body)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("/v1/chat/completions", "/v1/visual-tokens"),
      fc.oneof(
        fc.json(),
        fc.string({ unit: "binary" }),
        fc.integer({ min: 1, max: 20_000 }).map((depth) => "[".repeat(depth)),
      ),
    ),
  },
);

/** Together at least 5,000 bodies. */
const [rounds, perRound] = [500, 10];

describe("any body", () => {
  it("is answered, never with a failure of the server", { timeout: 1_200_000 }, async () => {
    const statuses = new Map<number, number>();
    const round = fc.array(bodies, { minLength: perRound, maxLength: perRound });
    await fc.assert(
      fc.asyncProperty(round, async (list) => {
        await Promise.all(
          list.map(async ([path, body]) => {
            const answer = await server.post(path, body, { signal: AbortSignal.timeout(240_000) });
            const content = await answer.text();
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            expect(answer.status, `${body}\n${content}`).toBeLessThan(500);
            if (answer.status >= 400) {
              const { error } = JSON.parse(content);
              expect(error.message, body).toMatch(/\S/);
              expect(error.message).not.toMatch(/node_modules|\/work|\bat [\w.]+ \(/);
            } else expect(content, body).not.toContain('{"error"');
          }),
        );
      }),
      { numRuns: rounds, endOnFailure: true },
    );
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(5000);
    expect(statuses.get(200)).toBeGreaterThan(100); // sound ones reach the model
    expect(server.services.gate.running).toBe(0);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
