import { expect, it } from "vitest";
import { smallLlavaSpec } from "../../../test/support/small-llava.js";
import type { LanguageModelSpec } from "../../models/spec.js";
import { tiledConversation } from "./conversation.js";

/** Released language models of LLaVA-NeXT, with the rows that their tables have in either layout. */
it.each<[LanguageModelSpec["kind"], readonly number[], string | undefined]>([
  ["llama", [32000, 32064], "vicuna_v1"],
  ["mistral", [32000, 32064], "mistral_instruct"],
  ["llama", [64000, 64001, 64064], "chatml_direct"],
  ["llama", [128256, 128257, 128320], "llava_llama_3"],
  ["qwen2", [151646, 152064], "qwen_1_5"],
  ["llama", [32065, 63999, 64065, 128255, 128321], undefined],
])("knows how a %s of %j is asked: %s", (kind, sizes, name) => {
  const { language } = smallLlavaSpec();
  for (const vocabularySize of sizes) {
    expect(tiledConversation({ language: { ...language, kind, vocabularySize } })?.name).toBe(name);
  }
});
