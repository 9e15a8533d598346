/**
 * A loaded model as a language model of the Vercel AI SDK (`ai` 6 and 7: a language model of specification v3), in this process.
 *
 * @module prumerge/ai
 */
export type { PrumergeCallOptions } from "./call-options.js";
export { type LanguageModelOptions, languageModel } from "./language-model.js";
