import { capitalize } from "../../scoring/python-text.js";

/** What a model is asked, and how long its answer may be. */
export type VideoPrompt = (question: string) => { readonly text: string; readonly maxNewTokens: number };

/** The published ways to ask, by the name of the rule. */
export const videoPrompts = {
  /** Video-LLaVA's `run_inference_video_qa.py`: the question as it stands, often in lower case and without a question mark. */
  video_llava: (question) => ({ text: question, maxNewTokens: 1024 }),
  /** lmms-eval's `activitynetqa`: a sentence, and a request for a short answer. */
  lmms_eval: (question) => ({
    text: `${capitalize(question)}? Answer the question using a single word or phrase.`,
    maxNewTokens: 64,
  }),
} satisfies Readonly<Record<string, VideoPrompt>>;
