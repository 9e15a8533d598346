import { PrumergeError } from "../errors.js";
import { defaultMethod, type Reducer, readsQuestion } from "../reduce/index.js";

/**
 * Refuses a question that the method does not read, and a method that reads one without it: before a model is loaded.
 *
 * @param reducer undefined: the model's own choice, which reads the picture alone
 * @throws PrumergeError INVALID_OPTION
 */
export function checkQuestionOption(reducer: Reducer | undefined, question: string | undefined): void {
  const method = reducer?.method ?? defaultMethod.name;
  const reads = reducer !== undefined && readsQuestion(reducer);
  if (reads && question === undefined) {
    throw new PrumergeError("INVALID_OPTION", `the method ${method} reads the question`, {
      where: "--question",
      expected: '--question "What is on the table?"',
      found: "none",
    });
  }
  if (!reads && question !== undefined) {
    throw new PrumergeError("INVALID_OPTION", `the method ${method} does not read the question`, {
      where: "--question",
      expected: "a method that does, or no question",
      found: JSON.stringify(question),
    });
  }
}
