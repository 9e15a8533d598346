import { strip, stripCharacter } from "../scoring/python-text.js";
import type { ChoiceMatcher } from "./choices.js";
import { matchLmmsEval } from "./lmms-eval.js";

/** What may stand directly after (and before) a letter, the most telling first; a bare letter comes last of all. */
const forms = [
  { priority: 6, before: "(", after: ")" },
  { priority: 5, before: "", after: "." },
  { priority: 4, before: "", after: ":" },
  { priority: 3, before: "", after: ")" },
  { priority: 2, before: "", after: " " },
];
const priorityAtStart = 10;
const priorityAtEnd = 9;
const priorityAfterPhrase = 7;

const introductions = [
  ...["the answer is", "answer is", "the correct answer is", "correct answer is", "the best answer is"],
  ...["best answer is", "the correct option is", "correct option is", "the best option is", "best option is"],
  ...["the choice is", "choice is", "the correct choice is", "correct choice is", "i choose", "i select"],
  ...["i pick", "my answer is", "my choice is"],
  ...["\uc635\uc158", "\uc815\ub2f5\uc740", "\ub2f5\uc740", "\ub2f5:"], // Korean
  ...["\u7b54\u6848\u662f", "\u7b54\u6848\u4e3a", "\u9009"], // Chinese
  "\u7b54\u3048\u306f", // Japanese
];

interface Candidate {
  readonly letter: string;
  readonly priority: number;
  readonly position: number;
}

/**
 * lmms-eval's matcher with `eval_method="static"`: what `can_infer` leaves open is read by `extract_mcq_answer`. Source:
 * lmms_eval/tasks/_task_utils/mcq_extract.py. Of all places where a letter stands in one of the known forms, the most
 * telling form wins, then the last place.
 */
export const matchLmmsEvalStatic: ChoiceMatcher = (answer, choices) =>
  matchLmmsEval(answer, choices) ?? matchExtracted(answer, choices);

/** `extract_mcq_answer` by itself, as Video-MME is scored. It has been rewritten since: this is the form of commit 75571cf. */
export const matchExtracted: ChoiceMatcher = (answer, choices) => {
  const letters = [...choices.keys()].sort();
  const bare = [",", ".", "!", "?", ";", ":", "'", '"'].reduce(stripCharacter, strip(answer));
  if (bare === "") return undefined;
  const found = [
    ...inForms(` ${bare} `, letters),
    ...afterPhrases(` ${bare} `, letters),
    ...atEnds(bare, letters),
  ];
  const candidates =
    found.length > 0 ? found : letters.flatMap((letter) => lastPlace(bare, letter, letter, 0));
  return candidates.reduce<Candidate | undefined>(
    (best, next) => (best === undefined || isBefore(best, next) ? next : best),
    undefined,
  )?.letter;
};

function isBefore(one: Candidate, other: Candidate): boolean {
  return one.priority === other.priority ? one.position < other.position : one.priority < other.priority;
}

function inForms(text: string, letters: readonly string[]): Candidate[] {
  return forms.flatMap(({ priority, before, after }) =>
    letters.flatMap((letter) => lastPlace(text, letter, before + letter + after, priority)),
  );
}

function lastPlace(text: string, letter: string, form: string, priority: number): Candidate[] {
  const position = text.lastIndexOf(form);
  return position < 0 ? [] : [{ letter, priority, position }];
}

/** The first place of every letter after a phrase, however far behind it. */
function afterPhrases(text: string, letters: readonly string[]): Candidate[] {
  const lower = text.toLowerCase();
  return introductions.flatMap((phrase) => {
    const start = lower.indexOf(phrase);
    if (start < 0) return [];
    return letters.flatMap((letter) => {
      const position = text.indexOf(letter, start + phrase.length);
      return position < 0 ? [] : [{ letter, priority: priorityAfterPhrase, position }];
    });
  });
}

/** A letter that begins or ends the answer and is no part of a word. */
function atEnds(text: string, letters: readonly string[]): Candidate[] {
  const bare = strip(text);
  return letters.flatMap((letter) => [
    ...(bare.startsWith(letter) && !/^.\p{L}/su.test(bare)
      ? [{ letter, priority: priorityAtStart, position: 0 }]
      : []),
    ...(bare.endsWith(letter) && !/\p{L}.$/su.test(bare)
      ? [{ letter, priority: priorityAtEnd, position: text.length }]
      : []),
  ]);
}
