/** What LLaVA-1.5 adds to questions that are answered in a word or two (VQAv2, GQA, TextVQA, POPE, MME). */
export const shortAnswerInstruction = "\nAnswer the question using a single word or phrase.";

/** LLaVA's limit for them: the default of `model_vqa_loader.py`. */
export const shortAnswerTokens = 128;
