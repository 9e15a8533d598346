import { reduces } from "../backend/model-backend.js";
import { duration } from "../parts/duration.js";
import { type FirstFigures, firstOf, isLater } from "../state/first-figures.js";
import type { Turn } from "../state/session-state.js";
import { answerTitle } from "./answer-title.js";
import type { Cost } from "./cost-table.js";

/**
 * What a question's answers took, each time beside its like: first words after reading the picture, and first words with the
 * picture in the cache. The former of a later question are those of the first.
 */
export function turnCosts(
  { answers }: Turn,
  firsts: FirstFigures,
  unreducedTokens: number | undefined,
): Cost[] {
  const done = answers.flatMap(({ numbers }) => (numbers === undefined ? [] : [numbers]));
  const alike = done.every((numbers) => isLater(numbers) === isLater(done[0]!));
  return answers.map((answer) => {
    const { reduction, numbers } = answer;
    const first = firstOf(firsts, reduction);
    return {
      title: answerTitle(answer, unreducedTokens),
      reduced: reduces(reduction),
      promptTokens: numbers?.promptTokens,
      firstWord: first?.firstToken,
      laterWord: numbers !== undefined && isLater(numbers) ? numbers.firstToken : undefined,
      total: alike ? numbers?.total : undefined,
      keyValueBytes: numbers?.keyValueBytes,
    };
  });
}

/** What is compared, in a sentence or two; undefined while nothing is. */
export function costNote({ answers }: Turn, firsts: FirstFigures): string | undefined {
  const done = answers.filter(({ numbers }) => numbers !== undefined);
  if (done.length === 0) return undefined;
  const tower = done.reduce((sum, { numbers }) => sum + numbers!.visionTower, 0) / done.length;
  const before = `Before it the vision tower took ${duration(tower)}, which no reduction changes.`;
  const known = done.every(({ reduction }) => firstOf(firsts, reduction) !== undefined);
  if (!done.some(({ numbers }) => isLater(numbers!)))
    return `${gain(done.map(({ numbers }) => numbers!.firstToken))} ${before}`;
  const kept = "The picture was kept from an earlier question, so only the new words were read";
  return known
    ? `${kept}: quick with any number of tokens. "First word" is of the first question, which read the picture.`
    : `${kept}. What reading it takes was not measured in this visit: a picture that is new shows it.`;
}

/** How much sooner the first word comes. */
function gain([reduced, whole]: readonly number[]): string {
  const times = (whole ?? 0) / Math.max(reduced ?? 0, 1e-9);
  if (whole === undefined || times < 1.05) return "The language model read the picture for the first time.";
  return `Read from fewer tokens, the picture gives the first word ${times.toFixed(1)} times sooner.`;
}
