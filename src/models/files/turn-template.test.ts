import { describe, expect, it } from "vitest";
import { ChatTemplate } from "../../generate/chat-template.js";
import type { PartedMessage } from "../../generate/messages.js";
import { chatmlDirectTemplate, chatmlTemplate, llama3Template, qwenTemplate } from "./turn-template.js";

const say = (role: PartedMessage["role"], text: string, pictures = 0): PartedMessage => ({
  role,
  content: [
    { type: "text", text },
    ...Array.from({ length: pictures }, () => ({ type: "image" as const })),
  ] as PartedMessage["content"],
});
const render = (template: string, messages: readonly PartedMessage[]) =>
  new ChatTemplate(template, {}, "<image>").render(messages);

/** What the original code's conversations give for one question about one picture (tiles and prompts: LLaVA-NeXT's demo). */
describe("one question about one picture", () => {
  it.each([
    ["chatml", chatmlTemplate, "<|im_start|>user\n<image>\nQ<|im_end|>\n<|im_start|>assistant\n"],
    [
      "qwen_1_5",
      qwenTemplate,
      "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<image>\nQ<|im_end|>\n<|im_start|>assistant\n",
    ],
    [
      "chatml_direct",
      chatmlDirectTemplate,
      "<|im_start|>system\nAnswer the questions.<|im_end|><|im_start|>user\n<image>\nQ<|im_end|><|im_start|>assistant\n",
    ],
    [
      "llava_llama_3",
      llama3Template,
      "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful language and vision assistant. You are able to understand the visual content that the user provides, and assist the user with a variety of tasks using natural language.<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\n<image>\nQ<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ],
  ])("%s", (_, template, expected) => {
    expect(render(template, [say("user", "Q", 1)])).toBe(expected);
  });
});

it("separates turns, and puts every picture of a turn before its text", () => {
  const messages = [say("user", "One?", 2), say("assistant", "Yes."), say("user", "Two?", 1)];
  expect(render(chatmlTemplate, messages)).toBe(
    "<|im_start|>user\n<image>\n<image>\nOne?<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n<|im_start|>user\n<image>\nTwo?<|im_end|>\n<|im_start|>assistant\n",
  );
});

it("takes a given system message instead of its own", () => {
  for (const template of [chatmlTemplate, qwenTemplate]) {
    expect(render(template, [say("system", "Be short."), say("user", "Q")])).toBe(
      "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n",
    );
  }
});
