import { Template } from "@huggingface/jinja";
import { expect, it } from "vitest";
import { vicunaTemplate } from "./vicuna-template.js";

const system =
  "A chat between a curious user and an artificial intelligence assistant. " +
  "The assistant gives helpful, detailed, and polite answers to the user's questions.";
const render = (messages: unknown[], add_generation_prompt = true) =>
  new Template(vicunaTemplate).render({
    messages,
    add_generation_prompt,
    bos_token: "<s>",
    eos_token: "</s>",
  });
const user = (text: string, pictures = 0) => ({
  role: "user",
  content: [{ type: "text", text }, ...Array.from({ length: pictures }, () => ({ type: "image" }))],
});

it("is vicuna_v1's string for one question about one picture", () => {
  expect(render([user("What is this?\nAnswer briefly.", 1)])).toBe(
    `${system} USER: <image>\nWhat is this?\nAnswer briefly. ASSISTANT:`,
  );
});

it("separates turns as vicuna_v1 does, with nothing after the end of an answer", () => {
  const messages = [user("One?", 2), { role: "assistant", content: "Yes." }, user("Two?")];
  expect(render(messages)).toBe(
    `${system} USER: <image>\n<image>\nOne? ASSISTANT: Yes.</s>USER: Two? ASSISTANT:`,
  );
  expect(render(messages.slice(0, 2), false)).toBe(
    `${system} USER: <image>\n<image>\nOne? ASSISTANT: Yes.</s>`,
  );
});

it("takes another system sentence and content that places its own pictures", () => {
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Look: <image> Well?" },
  ];
  expect(render(messages)).toBe("Be short. USER: Look: <image> Well? ASSISTANT:");
});
