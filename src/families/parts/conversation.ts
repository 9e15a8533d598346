import { mistralTemplate } from "../../models/files/mistral-template.js";
import {
  chatmlDirectTemplate,
  chatmlTemplate,
  llama3Template,
  qwenTemplate,
} from "../../models/files/turn-template.js";
import {
  languageBindTemplate,
  plainVicunaTemplate,
  vicunaTemplate,
} from "../../models/files/vicuna-template.js";
import type { ModelSpec } from "../../models/spec.js";

/** Llama 2's and Vicuna's vocabulary with what LLaVA pads it to: other models in Llama's form have larger ones. */
const vicunaVocabulary = 32064;

/** The vocabularies of Yi and of Llama 3, with what transformers' conversions add and pad them to. */
const yiVocabulary = { least: 64000, most: 64064 };
const llama3Vocabulary = { least: 128256, most: 128320 };

export const plainVicuna = { name: "without a system message", template: plainVicunaTemplate } as const;
export const languageBind = { name: "llava_v1", template: languageBindTemplate } as const;
export const vicuna = { name: "vicuna_v1", template: vicunaTemplate } as const;
export const chatml = { name: "chatml", template: chatmlTemplate } as const;
export const qwen = { name: "qwen_1_5", template: qwenTemplate } as const;
const mistral = { name: "mistral_instruct", template: mistralTemplate } as const;
const yi = { name: "chatml_direct", template: chatmlDirectTemplate } as const;
const llama3 = { name: "llava_llama_3", template: llama3Template } as const;

type Language = Pick<ModelSpec, "language">;

/** Whether a language model is Vicuna, as far as its configuration tells. */
export function isVicuna({ language }: Language): boolean {
  return language.kind === "llama" && language.vocabularySize <= vicunaVocabulary;
}

/** The conversation that LLaVA-NeXT was trained in on a language model, as far as its configuration tells which that is. */
export function tiledConversation(spec: Language) {
  const { kind, vocabularySize } = spec.language;
  if (kind === "mistral") return mistral;
  if (kind === "qwen2") return qwen;
  if (isVicuna(spec)) return vicuna;
  const within = ({ least, most }: typeof yiVocabulary) => vocabularySize >= least && vocabularySize <= most;
  if (within(yiVocabulary)) return yi;
  return within(llama3Vocabulary) ? llama3 : undefined;
}
