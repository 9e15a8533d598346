import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import type { ChatAnswerExtension, Reduction } from "../api/index.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";

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
const extension = (answer: object) => (answer as ChatAnswerExtension).prumerge;

describe("OpenAI's client", () => {
  it("gets an answer about a picture, the same that the library gives", async () => {
    const answer = await client.chat.completions.create({
      model: modelName,
      messages: [ask("Where is the bear?", sampleUrl(3))],
    });
    const seen = await model.see(samplePath("sample_3.png"));
    const alone = await model.answer(seen, "Where is the bear?", { reusePrefix: false }).result;
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

  it("gets the same answer in pieces, with the usage last where it asks for it", async () => {
    const question = { model: modelName, messages: [ask("What is in this picture?", sampleUrl(3))] };
    const whole = await client.chat.completions.create(question);
    const stream = await client.chat.completions.create({
      ...question,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const texts = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "");
    expect(texts.filter((text) => text !== "").length).toBeGreaterThan(3);
    expect(texts.join("")).toBe(whole.choices[0]!.message.content);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]!.choices[0]!.delta.role).toBe("assistant");
    const [last, usage] = chunks.slice(-2);
    expect(last!.choices[0]!.finish_reason).toBe("stop");
    expect(last!.usage).toBeNull();
    expect(extension(last!).pictures).toHaveLength(1);
    expect(usage!.choices).toEqual([]);
    expect(usage!.usage).toMatchObject({
      prompt_tokens: whole.usage!.prompt_tokens,
      completion_tokens: whole.usage!.completion_tokens,
    });
  });

  it("streams without a usage where it does not ask for it, and ends with [DONE]", async () => {
    const answer = await server.post("/v1/chat/completions", {
      model: modelName,
      messages: [ask("Where is the bear?", sampleUrl(3))],
      stream: true,
    });
    expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const events = (await answer.text()).split("\n\n");
    expect(events.slice(-2)).toEqual(["data: [DONE]", ""]);
    expect(events.join("")).not.toContain("usage");
  });

  it("may accumulate a stream with the client's own helper", async () => {
    const stream = client.chat.completions.stream({
      model: modelName,
      messages: [ask("Where is the bear?", sampleUrl(3))],
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]!.message.content).toMatch(/\w/);
  });

  it("asks about several pictures over several turns", async () => {
    const first = ask("What is in these pictures?", sampleUrl(1), sampleUrl(2));
    const answer = await client.chat.completions.create({
      model: modelName,
      messages: [
        { role: "system", content: "Answer briefly." },
        first,
        { role: "assistant", content: "four apples" },
        { role: "user", content: "And in the second one?" },
      ],
    });
    const seen = await model.see([samplePath("sample_1.png"), samplePath("sample_2.png")]);
    const alone = await model.answer(
      seen,
      [
        { role: "system", content: "Answer briefly." },
        {
          role: "user",
          content: [
            { type: "image" },
            { type: "image" },
            { type: "text", text: "What is in these pictures?" },
          ],
        },
        { role: "assistant", content: "four apples" },
        { role: "user", content: "And in the second one?" },
      ],
      { reusePrefix: false },
    ).result;
    expect(answer.choices[0]!.message.content).toBe(alone.text);
    expect(answer.usage!.prompt_tokens).toBe(alone.promptTokens);
  });

  it("may say the image token, which is text in questions and in answers", async () => {
    const create = (messages: OpenAI.ChatCompletionMessageParam[]) =>
      client.chat.completions.create({ model: modelName, messages, max_tokens: 4 });
    const tokens = async (messages: OpenAI.ChatCompletionMessageParam[]) =>
      (await create(messages)).usage!.prompt_tokens;
    const picture = sampleUrl(3);
    const plain = await tokens([ask("what? ", picture)]);
    // The bundled model's tokenizer has five tokens for the text.
    expect(await tokens([ask("what? <image>", picture)])).toBe(plain + 5);
    expect(await tokens([ask("what? <image><image><image>", picture)])).toBe(plain + 15);
    const talk = (answer: string): OpenAI.ChatCompletionMessageParam[] => [
      ask("what?", picture),
      { role: "assistant", content: answer },
      { role: "user", content: "why?" },
    ];
    expect(await tokens(talk("a <image>"))).toBe((await tokens(talk("a "))) + 5);
    expect(await tokens([{ role: "user", content: "what? <image>" }])).toBe(
      (await tokens([{ role: "user", content: "what? " }])) + 5,
    );
  });

  it("chooses the reduction, and pays for what the language model sees", async () => {
    const run = async (prumerge: Reduction) => {
      const body = { model: modelName, messages: [ask("Where is the bear?", sampleUrl(3))], prumerge };
      const answer = await client.chat.completions.create(body);
      const [picture] = extension(answer).pictures;
      return { tokens: picture!.visual_tokens, prompt: answer.usage!.prompt_tokens };
    };
    const few = await run({ method: "prumerge+", visual_tokens: 16 });
    const all = await run({ method: "none" });
    const spread = await run({ method: "uniform", visual_tokens: 25 });
    const capped = await run({ visual_tokens: "adaptive:20", options: { iqrFactor: 0.5 } });
    expect([few.tokens, all.tokens, spread.tokens]).toEqual([16, 576, 25]);
    expect(capped.tokens).toBeLessThanOrEqual(20);
    expect(all.prompt - few.prompt).toBe(576 - 16);
    expect(all.prompt - spread.prompt).toBe(576 - 25);
  });

  it("sets the length, stop strings and the seed", async () => {
    const question = { model: modelName, messages: [ask("What is in this picture?", sampleUrl(5))] };
    const short = await client.chat.completions.create({ ...question, max_tokens: 2 });
    expect(short.choices[0]!.finish_reason).toBe("length");
    expect(short.usage!.completion_tokens).toBe(2);
    const alias = await client.chat.completions.create({ ...question, max_completion_tokens: 2 });
    expect(alias.choices[0]!.message.content).toBe(short.choices[0]!.message.content);
    const whole = await client.chat.completions.create(question);
    const text = whole.choices[0]!.message.content!;
    const stop = text.slice(3, 5);
    const stopped = await client.chat.completions.create({ ...question, stop });
    expect(stopped.choices[0]!.message.content).toBe(text.slice(0, text.indexOf(stop)).trim());
    const drawn = { ...question, temperature: 2, top_p: 0.99, max_tokens: 24, prumerge: { remember: false } };
    const answers = [7, 7, 8].map((seed) => client.chat.completions.create({ ...drawn, seed }));
    const [one, again, other] = (await Promise.all(answers)).map(
      ({ choices }) => choices[0]!.message.content,
    );
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  it("answers without a picture", async () => {
    const answer = await client.chat.completions.create({
      model: modelName,
      messages: [{ role: "user", content: "Who are you?" }],
      max_tokens: 4,
    });
    expect(answer.usage!.prompt_tokens).toBeLessThan(64);
    expect(extension(answer).pictures).toEqual([]);
  });

  it("lists the model", async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual([modelName]);
  });

  it.each(["pocket-llava", "llava-hf/llava-1.5-7b-hf", "a b%c"])("retrieves the model %j", async (name) => {
    const named = await testServer(model, { modelName: name });
    const [listed] = (await named.client.models.list()).data;
    expect(await named.client.models.retrieve(name)).toEqual(listed);
    const plain = await fetch(`${named.url}/v1/models/${name.replaceAll("%", "%25")}`);
    expect(await plain.json()).toEqual(listed);
    const other = await named.client.models.retrieve("llava-hf/other").catch((error) => error);
    expect(other).toBeInstanceOf(OpenAI.NotFoundError);
    expect(other).toMatchObject({ code: "model_not_found", param: "model", type: "invalid_request_error" });
    await named.close();
  });

  it("throws the client's own errors", async () => {
    const wrong = (change: object) =>
      client.chat.completions
        .create({ model: modelName, messages: [ask("?", sampleUrl(1))], ...change })
        .then(
          () => undefined,
          (error) => error,
        );
    expect(await wrong({ model: "gpt-9" })).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await wrong({ max_tokens: 1_000_000 })).toBeInstanceOf(OpenAI.BadRequestError);
    const refused = await wrong({ temperature: 3 });
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ param: "temperature", type: "invalid_request_error" });
  });
});
