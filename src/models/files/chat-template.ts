import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { fileExists, type Json, readJsonObject, readTextFile } from "./json-file.js";

/**
 * A folder's chat template, from the first of: `chat_template.jinja`, `chat_template.json`, `tokenizer_config.json`.
 *
 * @returns `undefined` where none has one.
 */
export async function readChatTemplate(folder: string, tokenizerConfig: Json): Promise<string | undefined> {
  const jinja = join(folder, "chat_template.jinja");
  if (await fileExists(jinja)) return readTextFile(jinja);
  const json = join(folder, "chat_template.json");
  if (await fileExists(json)) return templateOf((await readJsonObject(json)).chat_template, json);
  const own = tokenizerConfig.chat_template;
  return own === undefined || own === null
    ? undefined
    : templateOf(own, join(folder, "tokenizer_config.json"));
}

/** A template, or a list of named ones of which the default is meant. */
function templateOf(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const byDefault = value.find((entry) => entry?.name === "default")?.template;
    if (typeof byDefault === "string") return byDefault;
  }
  throw new PrumergeError("INVALID_FILE", "bad chat_template", {
    where,
    expected: "a string, or a list with a template named default",
  });
}

/**
 * LLaVA-1.5's conversation `vicuna_v1`, for checkpoints without a template of their own: a system sentence, a space after
 * each question, `</s>` after each answer, and `<image>` with a line break before a question's text, once per picture.
 * Content given as a string places its own `<image>`. Source: LLaVA llava/conversation.py and its evaluation scripts.
 */
export const vicunaTemplate = [
  "{%- if messages[0]['role'] == 'system' -%}",
  "{%- if messages[0]['content'] is string -%}{{- messages[0]['content'] + ' ' -}}",
  "{%- else -%}{{- messages[0]['content'][0]['text'] + ' ' -}}{%- endif -%}",
  "{%- else -%}",
  `{{- "A chat between a curious user and an artificial intelligence assistant. ` +
    `The assistant gives helpful, detailed, and polite answers to the user's questions. " -}}`,
  "{%- endif -%}",
  "{%- for message in messages if message['role'] != 'system' -%}",
  "{{- 'USER: ' if message['role'] == 'user' else 'ASSISTANT: ' -}}",
  "{%- if message['content'] is string -%}{{- message['content'] -}}",
  "{%- else -%}",
  "{%- for part in message['content'] if part['type'] == 'image' -%}{{- '<image>\\n' -}}{%- endfor -%}",
  "{%- for part in message['content'] if part['type'] == 'text' -%}{{- part['text'] -}}{%- endfor -%}",
  "{%- endif -%}",
  "{{- ' ' if message['role'] == 'user' else '</s>' -}}",
  "{%- endfor -%}",
  "{{- 'ASSISTANT:' if add_generation_prompt else '' -}}",
].join("");
