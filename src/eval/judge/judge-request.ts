/** What a judge is asked about. */
export interface JudgedAnswer {
  readonly question: string;
  /** What people answered. */
  readonly answer: string;
  /** What the model answered. */
  readonly prediction: string;
}

/** A message of a chat request. */
export interface JudgeMessage {
  readonly role: "system" | "user";
  readonly content: string;
}

/**
 * The two messages that Video-ChatGPT's, Video-LLaVA's and lmms-eval's scorers send for one answer, to the letter, since another
 * wording is another measure. They ask for a whole number and show 4.8. Sources: Video-ChatGPT
 * quantitative_evaluation/evaluate_activitynet_qa.py, Video-LLaVA videollava/eval/video/eval_video_qa.py.
 */
export function judgeMessages({ question, answer, prediction }: JudgedAnswer): readonly JudgeMessage[] {
  return [
    {
      role: "system",
      content:
        "You are an intelligent chatbot designed for evaluating the correctness of generative outputs for question-answer pairs. " +
        "Your task is to compare the predicted answer with the correct answer and determine if they match meaningfully. Here's how you can accomplish the task:" +
        "------" +
        "##INSTRUCTIONS: " +
        "- Focus on the meaningful match between the predicted answer and the correct answer.\n" +
        "- Consider synonyms or paraphrases as valid matches.\n" +
        "- Evaluate the correctness of the prediction compared to the answer.",
    },
    {
      role: "user",
      content:
        "Please evaluate the following video-based question-answer pair:\n\n" +
        `Question: ${question}\n` +
        `Correct Answer: ${answer}\n` +
        `Predicted Answer: ${prediction}\n\n` +
        "Provide your evaluation only as a yes/no and score where the score is an integer value between 0 and 5, with 5 indicating the highest meaningful match. " +
        "Please generate the response in the form of a Python dictionary string with keys 'pred' and 'score', where value of 'pred' is  a string of 'yes' or 'no' and value of 'score' is in INTEGER, not STRING." +
        "DO NOT PROVIDE ANY OTHER OUTPUT TEXT OR EXPLANATION. Only provide the Python dictionary string. " +
        "For example, your response should look like this: {'pred': 'yes', 'score': 4.8}.",
    },
  ];
}
