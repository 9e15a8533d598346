/** How a conversation of plain turns is written, each with its role's name in a frame. */
export interface TurnStyle {
  /** Before a message of a role; the role's name stands for `ROLE`. */
  readonly opening: string;
  readonly closing: string;
  /** What a conversation without a system message begins with. */
  readonly system?: string;
}

/**
 * A chat template for checkpoints without one of their own: every message between an opening with its role's name and a
 * closing, `<image>` with a line break before a question's text, once per picture. Content given as a string places its own
 * `<image>`.
 */
export function turnTemplate({ opening, closing, system }: TurnStyle): string {
  const [before, after] = opening.split("ROLE") as [string, string];
  const literal = (text: string) => `'${text.replaceAll("\n", "\\n")}'`;
  const frame = (role: string) => `${literal(before)} + ${role} + ${literal(after)}`;
  const own = [
    "{%- if not messages or messages[0]['role'] != 'system' -%}",
    `{{- ${frame("'system'")} + ${literal(`${system}${closing}`)} -}}`,
    "{%- endif -%}",
  ];
  return [
    ...(system === undefined ? [] : own),
    "{%- for message in messages -%}",
    `{{- ${frame("message['role']")} -}}`,
    "{%- if message['content'] is string -%}{{- message['content'] -}}",
    "{%- else -%}",
    "{%- for part in message['content'] if part['type'] == 'image' -%}{{- '<image>\\n' -}}{%- endfor -%}",
    "{%- for part in message['content'] if part['type'] == 'text' -%}{{- part['text'] -}}{%- endfor -%}",
    "{%- endif -%}",
    `{{- ${literal(closing)} -}}`,
    "{%- endfor -%}",
    `{{- ${frame("'assistant'")} if add_generation_prompt else '' -}}`,
  ].join("");
}

const chatml = { opening: "<|im_start|>ROLE\n", closing: "<|im_end|>\n" };

/** ChatML as transformers' LLaVA-OneVision checkpoints are asked in it: no system message but a given one. */
export const chatmlTemplate = turnTemplate(chatml);

/** `qwen_1_5` of the original LLaVA's conversation.py: ChatML with a system message. */
export const qwenTemplate = turnTemplate({ ...chatml, system: "You are a helpful assistant." });

/** `chatml_direct` of the original LLaVA's conversation.py: ChatML without line breaks between messages. */
export const chatmlDirectTemplate = turnTemplate({
  opening: "<|im_start|>ROLE\n",
  closing: "<|im_end|>",
  system: "Answer the questions.",
});

/** `llava_llama_3` of the original LLaVA's conversation.py: Llama 3's turns, which the tokenizer's first token precedes. */
export const llama3Template = turnTemplate({
  opening: "<|start_header_id|>ROLE<|end_header_id|>\n\n",
  closing: "<|eot_id|>",
  system:
    "You are a helpful language and vision assistant. You are able to understand the visual content that the user provides, " +
    "and assist the user with a variety of tasks using natural language.",
});
