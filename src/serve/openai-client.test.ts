import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { samplePath } from "../generate/find-folder.js";
import { loadModel } from "../generate/load-model.js";
import type { LoadedModel } from "../generate/model.js";

const modelName = "pocket-llava";
let model: LoadedModel;
let server: TestServer;
let client: OpenAI;
beforeAll(async () => {
  model = await loadModel();
  server = await testServer(model);
  client = server.client;
});
afterAll(async () => {
  await server.close();
  await model.dispose();
});

/** What the server adds to an answer. */
const extension = (answer: object) => (answer as { prumerge: Record<string, never> }).prumerge;

describe("OpenAI's client", () => {
  it("gets an answer about a picture, the same that the library gives", async () => {
    const answer = await client.chat.completions.create({
      model: modelName,
      messages: [ask("Where is the bus?", sampleUrl(3))],
    });
    const seen = await model.see(samplePath("sample_3.png"));
    const alone = await model.answer(seen, "Where is the bus?", { reusePrefix: false }).result;
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]!.message).toEqual({ role: "assistant", content: alone.text, refusal: null });
    expect(answer.choices[0]!.finish_reason).toBe("stop");
    expect(answer.usage!.prompt_tokens).toBe(alone.promptTokens);
    expect(answer.usage!.completion_tokens).toBe(alone.tokenIds.length);
    expect(answer.usage!.total_tokens).toBe(alone.promptTokens + alone.tokenIds.length);
    expect(extension(answer).pictures).toMatchObject([
      { method: "prumerge+", visual_tokens: seen.embeddings.rows, unreduced_tokens: 576 },
    ]);
  });
});
