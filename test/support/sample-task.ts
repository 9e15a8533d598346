import { fileURLToPath } from "node:url";
import type { RunnableTask } from "../../src/eval/run/plan-assignments.js";
import type { LoadedTask, TaskPicture, TaskQuestion, Verdict } from "../../src/eval/task.js";

const samples = fileURLToPath(new URL("../../models/pocket-llava/samples/", import.meta.url));

export function samplePicture(number: 1 | 2 | 3 | 5): TaskPicture {
  return { name: `sample_${number}.png`, path: `${samples}sample_${number}.png` };
}

/** A small benchmark over the bundled model's sample pictures; any answer with a letter in it is right. */
export function sampleTask(questions: readonly Partial<TaskQuestion>[], name = "sample"): RunnableTask {
  const asked = questions.map(
    (question, index): TaskQuestion => ({
      id: `q${index}`,
      picture: samplePicture(3),
      text: "Where is the bear?",
      maxNewTokens: 8,
      detail: undefined,
      ...question,
    }),
  );
  return { task: { name, title: name }, loaded: loadedTask(asked), data: samples, options: {} };
}

function loadedTask(questions: readonly TaskQuestion[]): LoadedTask {
  return {
    questions,
    judge: (answers) =>
      questions.map(
        ({ id }): Verdict => ({
          questions: [id],
          credit: /\w/.test(answers.get(id) ?? "") ? 1 : 0,
          groups: [],
        }),
      ),
    aggregate: (verdicts) => ({
      headline: {
        name: "overall",
        value: (100 * verdicts.reduce((sum, { credit }) => sum + credit, 0)) / verdicts.length,
        unit: "percent",
        count: verdicts.length,
      },
      scores: [],
    }),
  };
}
