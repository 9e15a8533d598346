import { mistralTemplate } from "../../models/files/mistral-template.js";
import { vicunaTemplate } from "../../models/files/vicuna-template.js";
import type { ModelSpec } from "../../models/spec.js";

/** Llama 2's and Vicuna's vocabulary with what LLaVA pads it to: other models in Llama's form have larger ones. */
const vicunaVocabulary = 32064;

export const vicuna = { name: "vicuna_v1", template: vicunaTemplate } as const;
export const mistral = { name: "mistral_instruct", template: mistralTemplate } as const;

/** Whether a language model is Vicuna, as far as its configuration tells. */
export function isVicuna({ language }: Pick<ModelSpec, "language">): boolean {
  return language.kind === "llama" && language.vocabularySize <= vicunaVocabulary;
}
