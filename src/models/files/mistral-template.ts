/**
 * LLaVA-1.6's conversation `mistral_instruct`, for checkpoints without a template of their own: questions between `[INST]`
 * and `[/INST]`, `</s>` after each answer, a system text between marks within the first question, and `<image>` with a line
 * break before a question's text, once per picture. Content given as a string places its own `<image>`. Source: LLaVA
 * llava/conversation.py (its style LLAMA_2, with no system text and an empty `sep`).
 */
export const mistralTemplate = [
  "{%- set opening = namespace(text='') -%}",
  "{%- for message in messages -%}",
  "{%- if message['role'] == 'system' -%}",
  "{%- set system = message['content'] if message['content'] is string else message['content'][0]['text'] -%}",
  "{%- set opening.text = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' -%}",
  "{%- elif message['role'] == 'user' -%}",
  "{{- '[INST] ' + opening.text -}}{%- set opening.text = '' -%}",
  "{%- if message['content'] is string -%}{{- message['content'] -}}",
  "{%- else -%}",
  "{%- for part in message['content'] if part['type'] == 'image' -%}{{- '<image>\\n' -}}{%- endfor -%}",
  "{%- for part in message['content'] if part['type'] == 'text' -%}{{- part['text'] -}}{%- endfor -%}",
  "{%- endif -%}",
  "{{- ' [/INST]' -}}",
  "{%- else -%}",
  "{{- ' ' -}}",
  "{%- if message['content'] is string -%}{{- message['content'] -}}",
  "{%- else -%}",
  "{%- for part in message['content'] if part['type'] == 'text' -%}{{- part['text'] -}}{%- endfor -%}",
  "{%- endif -%}",
  "{{- ' </s>' -}}",
  "{%- endif -%}",
  "{%- endfor -%}",
].join("");
