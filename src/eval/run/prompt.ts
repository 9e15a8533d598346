import type { Question } from "../../generate/messages.js";
import type { ModelSpec } from "../../models/spec.js";
import type { Run } from "./run-folder.js";

export type PromptKind = Run["prompt"];

/** Source: LLaVA llava/conversation.py, `conv_vicuna_v1`. */
const vicunaSystem =
  "A chat between a curious user and an artificial intelligence assistant. " +
  "The assistant gives helpful, detailed, and polite answers to the user's questions.";

/** Vicuna's vocabulary, and what checkpoints of LLaVA-1.5 pad it to. */
const vicunaVocabulary = { least: 32000, most: 32064 };

/**
 * The conversation that a model is evaluated in: LLaVA-1.5's evaluation scripts ask in `vicuna_v1`, which the chat
 * templates of its converted checkpoints leave the system sentence out of; any other model has its own template.
 */
export function promptKind(spec: ModelSpec): PromptKind {
  const { language, vision } = spec;
  // What has a tower for videos was trained in a conversation of its own: Video-LLaVA's user is a human.
  if ("watching" in spec) return "model";
  const { vocabularySize, kind } = language;
  const vicuna =
    kind === "llama" &&
    vocabularySize >= vicunaVocabulary.least &&
    vocabularySize <= vicunaVocabulary.most &&
    [4096, 5120].includes(language.hiddenSize);
  return vicuna && vision.kind === "clip" ? "vicuna_v1" : "model";
}

/**
 * What the model is asked.
 *
 * @param text of the user's turn, without the picture's place
 */
export function writePrompt(kind: PromptKind, text: string, hasPicture: boolean): Question {
  if (kind === "model") return text;
  return { prompt: `${vicunaSystem} USER: ${hasPicture ? "<image>\n" : ""}${text} ASSISTANT:` };
}
