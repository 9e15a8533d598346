import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StrangerProject } from "./stranger-project.js";

// Version 7 asks for Node 22 or later; npm says so, and it runs on 20 as well.
describe.each(["ai@6", "ai@7"])("in a stranger's project with %s", (sdk) => {
  const project = new StrangerProject();
  beforeAll(() => {
    project.install(["--ignore-scripts"]);
    project.add(sdk, "zod@4");
  });
  afterAll(() => project.remove());

  it("the AI SDK takes the model by its types", () => {
    const program = `import { generateText } from "ai";
      import { loadModel } from "prumerge";
      import { languageModel } from "prumerge/ai";
      export const ask = async (prompt: string) =>
        (await generateText({ model: languageModel(await loadModel()), prompt })).text;`;
    writeFileSync(join(project.path, "ask.ts"), program);
    project.compile("ask.ts", ["--skipLibCheck"]);
  });

  it("the AI SDK generates and streams, is told what the picture took, and aborts", () => {
    const found = project.evaluate(`
      import { readFileSync } from "node:fs";
      import { generateText, streamText } from "ai";
      import { loadModel } from "prumerge";
      import { languageModel } from "prumerge/ai";
      globalThis.AI_SDK_LOG_WARNINGS = false;
      const loaded = await loadModel("pocket-llava");
      const model = languageModel(loaded);
      const image = readFileSync(picture);
      const content = [{ type: "image", image }, { type: "text", text: "What color is the background?" }];
      const messages = [{ role: "user", content }];
      const providerOptions = { prumerge: { method: "cover", visualTokens: 32, positions: "original" } };
      const whole = await generateText({ model, messages, providerOptions });
      const again = streamText({ model, messages, providerOptions });
      let streamed = "";
      for await (const text of again.textStream) streamed += text;
      const plain = await generateText({ model, messages });
      const turns = [...messages, { role: "assistant", content: whole.text }, { role: "user", content: "Is there an apple?" }];
      const second = await generateText({ model, messages: turns, providerOptions });
      const controller = new AbortController();
      controller.abort();
      const aborted = await generateText({ model, messages, abortSignal: controller.signal }).catch((error) => error.name);
      const wrong = await generateText({ model, messages, maxRetries: 0, providerOptions: { prumerge: { tokens: 3 } } })
        .catch((error) => error.code);
      const late = new AbortController();
      const left = streamText({ model, messages, abortSignal: late.signal, onError() {} });
      const kinds = [];
      for await (const part of left.fullStream) { kinds.push(part.type); if (part.type === "text-delta") late.abort(); }
      const file = { type: "file", mediaType: "image/png", data: { type: "reference", reference: { other: "file-1" } } };
      const kept = [{ role: "user", content: [file, content[1]] }];
      const elsewhere = await generateText({ model, messages: kept, maxRetries: 0 }).then(() => "answered", (error) => error.name);
      console.log(JSON.stringify({ elsewhere, whole: whole.text, streamed, usage: whole.usage, finish: whole.finishReason,
        metadata: whole.providerMetadata.prumerge, streamedMetadata: (await again.providerMetadata).prumerge,
        plain: plain.providerMetadata.prumerge.visualTokens, second: second.providerMetadata.prumerge.pictures,
        aborted, wrong, last: kinds.at(-1), warnings: whole.warnings }));
      await loaded.dispose();`);
    expect(found.streamed).toBe(found.whole);
    expect(found.whole).toMatch(/\w/);
    expect(found).toMatchObject({
      finish: "stop",
      metadata: {
        visualTokens: { before: 576, after: 32 },
        pictures: [{ method: "cover", positions: "original" }],
      },
      streamedMetadata: { visualTokens: { before: 576, after: 32 }, pictures: [{ remembered: true }] },
      second: [{ remembered: true }],
      aborted: "AbortError",
      wrong: "INVALID_OPTION",
      last: "abort",
      warnings: [],
    });
    expect(found.elsewhere).not.toBe("answered");
    expect(found.elsewhere).not.toBe("TypeError");
    const { after } = found.plain as { after: number };
    expect(after).toBeGreaterThan(32);
    const { inputTokens, outputTokens } = found.usage as { inputTokens: number; outputTokens: number };
    expect(inputTokens).toBeGreaterThan(32);
    expect(outputTokens).toBeGreaterThan(0);
  });
});
