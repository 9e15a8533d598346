import { splitWords, stripCharacter } from "../scoring/python-text.js";
import type { ChoiceMatcher, Choices } from "./choices.js";

/** A letter found in one of its forms, and where. */
interface Found {
  readonly letter: string;
  readonly position: number;
}

/** Texts of options are looked for in answers of more words than this. */
const shortAnswer = 5;

/**
 * lmms-eval's reading of EgoSchema's answers, after MMMU's `parse_multi_choice_response`: a letter in any of the forms "(A)",
 * "A " and "A.", of several the one whose last place is first. Source: lmms_eval/tasks/egoschema/utils.py.
 *
 * Where it finds none the official code draws at random, which nobody can repeat; here such an answer is none.
 */
export const matchEgoSchema: ChoiceMatcher = (answer, choices) => {
  const text = prepare(answer);
  const found = [parenthesised, spaced, dotted].flatMap((form) =>
    lettersIn(text, choices, form, (letter) => text.lastIndexOf(form(letter))),
  );
  return extreme(found.length > 0 ? found : textsIn(text, choices), (one, other) => one < other);
};

/**
 * lmms-eval's reading of NExT-QA's answers: "(A)", where there is none "A ", then "A."; of several letters the last one, where a
 * letter outside of parentheses has a place only between spaces. Source: lmms_eval/tasks/nextqa/utils.py. As in
 * {@link matchEgoSchema}, none is found where the official code draws at random.
 */
export const matchNextQa: ChoiceMatcher = (answer, choices) => {
  const text = prepare(answer);
  const between = (letter: string) => text.lastIndexOf(` ${letter} `);
  const tries = [
    () => lettersIn(text, choices, parenthesised, (letter) => text.lastIndexOf(parenthesised(letter))),
    () => lettersIn(text, choices, spaced, between),
    () => lettersIn(text, choices, dotted, between),
    () => textsIn(text, choices),
  ];
  for (const find of tries) {
    const found = find();
    if (found.length > 0) return extreme(found, (one, other) => one > other);
  }
  return undefined;
};

const parenthesised = (letter: string) => `(${letter})`;
const spaced = (letter: string) => `${letter} `;
const dotted = (letter: string) => `${letter}.`;

/** No punctuation around, one kind after the other; a space on both sides. */
function prepare(answer: string): string {
  return ` ${[...",.!?;:'"].reduce(stripCharacter, answer)} `;
}

function lettersIn(
  text: string,
  choices: Choices,
  form: (letter: string) => string,
  positionOf: (letter: string) => number,
): Found[] {
  const letters = [...choices.keys()].filter((letter) => text.includes(form(letter)));
  return letters.map((letter) => ({ letter, position: positionOf(letter) }));
}

function textsIn(text: string, choices: Choices): Found[] {
  if (splitWords(text).length <= shortAnswer) return [];
  const lower = text.toLowerCase();
  return [...choices].flatMap(([letter, option]) => {
    const position = lower.lastIndexOf(option.toLowerCase());
    return position < 0 ? [] : [{ letter, position }];
  });
}

/** Of equal places the first letter. */
function extreme(
  found: readonly Found[],
  isBetter: (one: number, other: number) => boolean,
): string | undefined {
  const better = (best: Found | undefined, next: Found) =>
    best === undefined || isBetter(next.position, best.position) ? next : best;
  return found.reduce<Found | undefined>(better, undefined)?.letter;
}
