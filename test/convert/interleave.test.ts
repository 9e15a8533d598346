import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel, noReduction, pruMerge, pruMergePlus } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChatTemplate } from "../../src/generate/chat-template.js";
import type { PartedMessage } from "../../src/generate/messages.js";

const at = (path: string) => fileURLToPath(new URL(`../fixtures/interleave/${path}`, import.meta.url));

interface Expected {
  readonly templates: Readonly<Record<string, string>>;
  readonly conversations: Readonly<Record<string, readonly PartedMessage[]>>;
  /** By template, by conversation. */
  readonly prompts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly promptIds: readonly number[];
  readonly logits: { readonly first: readonly number[]; readonly last: readonly number[] };
  readonly answerIds: readonly number[];
}

describe("a checkpoint of llava-interleave's architecture", () => {
  let expected: Expected;
  let folder = "";
  let model: LoadedModel;
  beforeAll(async () => {
    expected = JSON.parse(await readFile(at("expected.json"), "utf8"));
    folder = await mkdtemp(join(tmpdir(), "prumerge-interleave-"));
    await convert(at("checkpoint"), join(folder, "model"), { dtype: "fp32", bakedTokens: 9, workers: 0 });
    model = await loadModel(join(folder, "model"), { worker: false, threads: 1 });
  });
  afterAll(async () => {
    await model?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it("is asked with the prompts of transformers' processor", async () => {
    for (const [kind, source] of Object.entries(expected.templates)) {
      const template = new ChatTemplate(source, {}, "<image>");
      const ours = Object.entries(expected.conversations).map(([name, talk]) => [
        name,
        template.render(talk),
      ]);
      expect(Object.fromEntries(ours), kind).toEqual(expected.prompts[kind]);
    }
    const taken = await readFile(join(folder, "model", "chat_template.jinja"), "utf8");
    expect(taken).toBe(expected.templates["as published"]);
  });

  it("gives transformers' logits, unreduced, for the picture and every word after it", async () => {
    const seen = await model.see(at("picture.png"), noReduction());
    expect(seen.embeddings.rows).toBe(25);
    const { logits, tokenIds, promptTokens } = await model.answer(seen, "What is on the table?", {
      maxNewTokens: 8,
      keepLogits: true,
    }).result;
    expect(promptTokens).toBe(expected.promptIds.length);
    expect(tokenIds).toEqual(expected.answerIds);
    expect(farthest(logits![0]!, expected.logits.first)).toBeLessThan(1e-4);
    expect(farthest(logits!.at(-1)!, expected.logits.last)).toBeLessThan(1e-4);
  });

  it("reduces its patches, inside the graph", async () => {
    const fewer = await model.see(at("picture.png"), pruMergePlus({ tokens: 9 }));
    expect(fewer.statistics).toMatchObject({ visualTokens: 9, unreducedTokens: 25, inGraph: true });
    const adaptive = await model.see(at("picture.png"), pruMerge());
    expect(adaptive.statistics.visualTokens).toBeLessThan(25);
    const { tokenIds } = await model.answer(fewer, "What is on the table?", { maxNewTokens: 4 }).result;
    expect(tokenIds.length).toBeGreaterThan(0);
  });
});

function farthest(found: Float32Array, wanted: readonly number[]): number {
  expect(found.length).toBe(wanted.length);
  return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
}
