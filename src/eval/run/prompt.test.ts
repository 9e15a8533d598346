import { describe, expect, it } from "vitest";
import { llava15Spec } from "../../../test/support/llava-15.js";
import { promptKind, writePrompt } from "./prompt.js";

describe("the conversation that a model is evaluated in", () => {
  it("is LLaVA's vicuna_v1 to the letter", () => {
    const system =
      "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.";
    expect(writePrompt("vicuna_v1", "Is it a cat?\nAnswer.", true)).toEqual({
      prompt: `${system} USER: <image>\nIs it a cat?\nAnswer. ASSISTANT:`,
    });
    expect(writePrompt("vicuna_v1", "Who are you?", false)).toEqual({
      prompt: `${system} USER: Who are you? ASSISTANT:`,
    });
    expect(writePrompt("model", "Is it a cat?", true)).toBe("Is it a cat?");
  });

  it("is vicuna_v1 for LLaVA-1.5, and the model's own for others", () => {
    const spec = llava15Spec();
    expect(promptKind(spec)).toBe("vicuna_v1");
    const larger = { ...spec, language: { ...spec.language, hiddenSize: 5120, vocabularySize: 32000 } };
    expect(promptKind(larger)).toBe("vicuna_v1");
    expect(promptKind({ ...spec, language: { ...spec.language, kind: "qwen2" } })).toBe("model");
    expect(promptKind({ ...spec, language: { ...spec.language, vocabularySize: 1102 } })).toBe("model");
    expect(promptKind({ ...spec, vision: { ...spec.vision, kind: "siglip" } })).toBe("model");
  });
});
