/** The options of one multiple-choice question: letter -> text, in the order of the letters. */
export type Choices = ReadonlyMap<string, string>;

/** Reads a chosen letter out of an answer; undefined where the rule finds none. Without a language model as a judge. */
export type ChoiceMatcher = (answer: string, choices: Choices) => string | undefined;

/** Letters from A, as many as there are texts. */
export function lettered(texts: readonly string[]): Choices {
  return new Map(texts.map((text, index) => [String.fromCharCode(65 + index), text]));
}
