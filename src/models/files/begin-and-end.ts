import type { Json } from "./json-file.js";
import { tokenText } from "./named-tokens.js";
import type { Note } from "./note.js";

/**
 * Notes where tokenizer_config.json wishes tokens at a prompt's begin or end that tokenizer.json does not put there, or the
 * other way round: beside a tokenizer.json, transformers 5 passes over `add_bos_token` and `add_eos_token`, transformers 4
 * did not.
 */
export function noteBeginAndEnd(tokenizer: Json, config: Json, note: Note): void {
  const added = templateTokens(tokenizer.post_processor);
  for (const [flag, name, where] of [
    ["add_bos_token", "bos_token", "before"],
    ["add_eos_token", "eos_token", "after"],
  ] as const) {
    const token = tokenText(config[name]);
    const wished = config[flag];
    if (token === undefined || typeof wished !== "boolean" || wished === added.includes(token)) continue;
    note(
      `${flag} is ${wished} in tokenizer_config.json, but tokenizer.json counts and puts ` +
        `${wished ? "no " : ""}${token} ${where} a prompt.`,
    );
  }
}

/** Tokens that a post-processor puts around a prompt. */
function templateTokens(processor: unknown): string[] {
  if (typeof processor !== "object" || processor === null) return [];
  const { processors, single } = processor as Json;
  if (Array.isArray(processors)) return processors.flatMap(templateTokens);
  const pieces: readonly unknown[] = Array.isArray(single) ? single : [];
  return pieces.flatMap((piece) => {
    const { SpecialToken: special } = (piece ?? {}) as { SpecialToken?: { id?: unknown } };
    return typeof special?.id === "string" ? [special.id] : [];
  });
}
