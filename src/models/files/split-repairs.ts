import { PrumergeError } from "../../errors.js";
import type { Json } from "./json-file.js";

/** What @huggingface/tokenizers 0.2 splits otherwise than the Rust library does: wrong ids would go unnoticed. */
const unsupported: readonly unknown[] = ["MergedWithPrevious", "MergedWithNext", "Contiguous"];

/** A letter, digit or underscore of any language, as Rust's regular expressions know it. */
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
const punctuation = "[\\p{P}!-/:-@\\[-`{-~]";

/**
 * A tokenizer.json's `pre_tokenizer` for @huggingface/tokenizers 0.2, which knows ASCII's words and digits alone in
 * `Whitespace` and `Digits`, and no `behavior` of `Punctuation`: the same splits, told by patterns.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for splits that it does not make
 */
export function repairSplits(step: unknown, where: string): unknown {
  if (typeof step !== "object" || step === null) return step;
  const { type, pretokenizers, behavior, individual_digits: single } = step as Json;
  if (type === "Sequence" && Array.isArray(pretokenizers)) {
    return { ...step, pretokenizers: pretokenizers.map((one) => repairSplits(one, where)) };
  }
  if (type === "Whitespace") return { ...split(`[${word}]+|[^${word}\\s]+`, "Removed"), invert: true };
  if (type === "Digits") return split(single === true ? "\\p{N}" : "\\p{N}+", "Isolated");
  if (type === "Punctuation" && behavior !== "Contiguous") {
    refuseUnsupported(step as Json, where);
    return split(punctuation, behavior ?? "Isolated");
  }
  if (type !== "Split") return step;
  refuseUnsupported(step as Json, where);
  return repairSplit(step as Json);
}

function split(pattern: string, behavior: unknown): Json {
  return { type: "Split", pattern: { Regex: pattern }, behavior, invert: false };
}

function refuseUnsupported({ behavior, invert }: Json, where: string): void {
  const inverted = invert === true && behavior !== "Removed";
  if (!inverted && !unsupported.includes(behavior)) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a tokenizer that is not run", {
    where,
    expected: "splits of behavior Removed or Isolated, inverted for Removed alone",
    found: `${inverted ? "inverted, " : ""}${behavior}`,
  });
}

/** A `Split` on a plain string keeps what it should remove in that library; the same as a pattern does not. */
function repairSplit(step: Json): Json {
  const text = (step.pattern as Json | undefined)?.String;
  if (step.behavior !== "Removed" || typeof text !== "string") return step;
  return { ...step, pattern: { Regex: text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") } };
}

/**
 * Refuses a tokenizer.json that would give other ids here than where it was made.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL
 */
export function refuseUnrun(tokenizer: Json, where: string): void {
  repairSplits(tokenizer.pre_tokenizer, where);
  refusePrefixes(tokenizer.model as Json | null | undefined, where);
}

/** The library takes the setting for a word's later pieces where it decodes, and not where it encodes. */
function refusePrefixes(model: Json | null | undefined, where: string): void {
  const prefix = model?.continuing_subword_prefix;
  if (model?.type !== "BPE" || typeof prefix !== "string" || prefix === "") return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a tokenizer that is not run", {
    where,
    expected: "no continuing_subword_prefix for merges (BPE)",
    found: JSON.stringify(prefix),
  });
}
