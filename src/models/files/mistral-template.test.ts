import { expect, it } from "vitest";
import { ChatTemplate } from "../../generate/chat-template.js";
import type { PartedMessage } from "../../generate/messages.js";
import { mistralTemplate } from "./mistral-template.js";

const template = new ChatTemplate(mistralTemplate, { bos_token: "<s>", eos_token: "</s>" }, "<image>");
const say = (role: PartedMessage["role"], text: string, pictures = 0): PartedMessage => ({
  role,
  content: [
    { type: "text", text },
    ...Array.from({ length: pictures }, () => ({ type: "image" as const })),
  ] as PartedMessage["content"],
});

it("is mistral_instruct's string for one question about one picture", () => {
  expect(template.render([say("user", "What is this?", 1)])).toBe("[INST] <image>\nWhat is this? [/INST]");
});

it("separates turns as mistral_instruct does", () => {
  const messages = [say("user", "One?", 2), say("assistant", "Yes."), say("user", "Two?")];
  expect(template.render(messages)).toBe(
    "[INST] <image>\n<image>\nOne? [/INST] Yes. </s>[INST] Two? [/INST]",
  );
});

it("puts a system text between marks within the first question", () => {
  const messages = [
    say("system", "Be short."),
    say("user", "One?", 1),
    say("assistant", "Yes."),
    say("user", "Two?"),
  ];
  expect(template.render(messages)).toBe(
    "[INST] <<SYS>>\nBe short.\n<</SYS>>\n\n<image>\nOne? [/INST] Yes. </s>[INST] Two? [/INST]",
  );
});
