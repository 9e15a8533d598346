/**
 * LLaVA-1.5's conversation `vicuna_v1`, for checkpoints without a template of their own: a system sentence, a space after
 * each question, `</s>` after each answer, and `<image>` with a line break before a question's text, once per picture.
 * Content given as a string places its own `<image>`. Source: LLaVA llava/conversation.py and its evaluation scripts.
 */
export const vicunaTemplate = conversationWith("user");

/**
 * The conversation `llava_v1` of Video-LLaVA's own code, which evaluates with it and calls users human. A video takes the place
 * of one picture, whose token that code repeats for each frame.
 */
export const languageBindTemplate = conversationWith("human");

/** The same turns without a system sentence, as transformers' documentation and model card ask Video-LLaVA. */
export const plainVicunaTemplate = conversationWith(undefined);

/** @param user what the system sentence calls users; undefined for none */
function conversationWith(user: "user" | "human" | undefined): string {
  const sentence =
    `{{- "A chat between a curious ${user} and an artificial intelligence assistant. ` +
    `The assistant gives helpful, detailed, and polite answers to the ${user}'s questions. " -}}`;
  return [
    "{%- if messages[0]['role'] == 'system' -%}",
    "{%- if messages[0]['content'] is string -%}{{- messages[0]['content'] + ' ' -}}",
    "{%- else -%}{{- messages[0]['content'][0]['text'] + ' ' -}}{%- endif -%}",
    ...(user === undefined ? [] : ["{%- else -%}", sentence]),
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
}
