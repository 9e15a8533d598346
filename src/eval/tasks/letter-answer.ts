/** What LLaVA-1.5 adds to multiple-choice questions (ScienceQA, MMBench). */
export const letterInstruction = "\nAnswer with the option's letter from the given choices directly.";

/** LLaVA's limit for them, in `model_vqa_science.py` and `model_vqa_mmbench.py`. */
export const letterAnswerTokens = 1024;
