import { describe, expect, it } from "vitest";
import { vicunaTemplate } from "../models/files/vicuna-template.js";
import { ChatTemplate } from "./chat-template.js";
import { placePictures } from "./messages.js";

const system =
  "A chat between a curious user and an artificial intelligence assistant. " +
  "The assistant gives helpful, detailed, and polite answers to the user's questions. ";

const conversation = [
  { role: "user", content: "What is it?" },
  { role: "assistant", content: "A cat." },
  { role: "user", content: "Where?" },
] as const;

/** The template that llava-hf's LLaVA-1.5 checkpoints carry. */
const partsTemplate =
  "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}" +
  "{# Render all images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}" +
  "{# Render all text next #}{% if message['role'] != 'assistant' %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}" +
  "{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";

/** A plain language model's: content is text and nothing else. */
const plainTemplate =
  "{{ bos_token }}{% for message in messages %}{{ '[' + message['role'] + '] ' + message['content'] + eos_token }}{% endfor %}[assistant]";

const render = (source: string, ...[question, pictures]: [Parameters<typeof placePictures>[0], number]) =>
  new ChatTemplate(source, { bos_token: "<s>", eos_token: "</s>" }, "<image>").render(
    placePictures(question, pictures, "<image>").messages,
  );

describe("ChatTemplate", () => {
  it("writes LLaVA-1.5's prompt, character by character", () => {
    expect(render(vicunaTemplate, "What is it?", 1)).toBe(`${system}USER: <image>\nWhat is it? ASSISTANT:`);
    expect(render(vicunaTemplate, conversation, 1)).toBe(
      `${system}USER: <image>\nWhat is it? ASSISTANT: A cat.</s>USER: Where? ASSISTANT:`,
    );
  });

  it("renders templates that take parts, in several turns", () => {
    expect(render(partsTemplate, conversation, 2)).toBe(
      "USER: <image>\n<image>\nWhat is it? ASSISTANT: A cat. USER: Where? ASSISTANT:",
    );
  });

  it("hands plain templates text, pictures first", () => {
    expect(render(plainTemplate, "What is it?", 1)).toBe("<s>[user] <image>\nWhat is it?</s>[assistant]");
    expect(render(plainTemplate, "Who are you?", 0)).toBe("<s>[user] Who are you?</s>[assistant]");
    const told = [{ role: "system", content: "Be brief." }, ...conversation] as const;
    expect(render(plainTemplate, told, 0)).toBe(
      "<s>[system] Be brief.</s>[user] What is it?</s>[assistant] A cat.</s>[user] Where?</s>[assistant]",
    );
  });

  it("hands each role what its template takes: parts to users, text to the others", () => {
    const parts =
      "{% for c in m['content'] %}{% if c['type'] == 'image' %}<image>{% elif c['type'] == 'text' %}{{ c['text'] + ' ' }}" +
      "{% else %}{{ raise_exception('Unknown part') }}{% endif %}{% endfor %}";
    const loop = (start: string) =>
      `{% for m in messages %}${start}{% if m['role'] == 'user' %}U: ${parts}{% else %}{{ m['role'][0] + ': ' + m['content'] + ' ' }}{% endif %}{% endfor %}`;
    const told = [
      {
        role: "system",
        content: [
          { type: "text", text: "Be " },
          { type: "text", text: "brief." },
        ],
      },
      ...conversation,
    ] as const;
    expect(render(loop(""), told, 1)).toBe("s: Be brief. U: <image>What is it? a: A cat. U: Where? ");
    // Strict ones let a role speak at its turn alone, and the user last.
    const strict =
      loop(
        "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles take turns') }}{% endif %}",
      ) + "{% if messages[-1]['role'] != 'user' %}{{ raise_exception('The user comes last') }}{% endif %}";
    expect(render(strict, conversation, 1)).toBe("U: <image>What is it? a: A cat. U: Where? ");
  });

  it("hands parts to roles that take both", () => {
    const both =
      "{% for m in messages %}{% if m['content'] is string %}{{ m['content'] }}{% else %}" +
      "{% for c in m['content'] %}[{{ c['text'] }}]{% endfor %}{% endif %}{% endfor %}";
    expect(render(both, conversation, 0)).toBe("[What is it?][A cat.][Where?]");
  });

  it("refuses broken templates, and passes a template's refusal on", () => {
    expect(() => new ChatTemplate("{% for %}", {}, "<image>")).toThrow(
      expect.objectContaining({
        code: "INVALID_FILE",
        message: expect.stringMatching(/^the chat template.*found/),
      }),
    );
    expect(() => new ChatTemplate("{% for %}", {}, "<image>", "models/mine")).toThrow(
      /^models\/mine: .*found/,
    );
    const strict =
      "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system role') }}{% endif %}{{ messages[0]['content'] }}";
    const messages = [
      { role: "system", content: "x" },
      { role: "user", content: "y" },
    ] as const;
    expect(() => render(strict, messages, 0)).toThrow(/No system role/);
  });
});
