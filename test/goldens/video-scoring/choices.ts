import { readFileSync } from "node:fs";
import { join } from "node:path";
import { matchExtracted } from "../../../src/eval/choices/lmms-eval-static.js";
import { matchEgoSchema, matchNextQa } from "../../../src/eval/choices/mmmu.js";
import { isMvbenchAnswer } from "../../../src/eval/choices/mvbench.js";
import { type CaseResult, caseResult } from "../outcome.js";

export interface ChoicesCase {
  readonly name: string;
  readonly inputs: { readonly file: string };
}

interface Row {
  readonly response: string;
  readonly egoschema: string;
  readonly nextqa_mc: string;
  readonly mvbench_score_for_gold: Readonly<Record<string, number>>;
  readonly videomme: string;
}

/** Where the official code draws at random, ours finds no letter. */
const drawn = "random";

export function replayChoices(folder: string, { name, inputs }: ChoicesCase): CaseResult {
  const { choices: texts, rows }: { choices: Record<string, string>; rows: Row[] } = JSON.parse(
    readFileSync(join(folder, inputs.file), "utf8"),
  );
  const choices = new Map(Object.entries(texts));
  // Video-MME has four options.
  const four = new Map([...choices].slice(0, 4));
  const misses = rows.flatMap((row) => {
    const { response, mvbench_score_for_gold: gold } = row;
    const read = {
      egoschema: matchEgoSchema(response, choices) ?? drawn,
      nextqa_mc: matchNextQa(response, choices) ?? drawn,
      videomme: matchExtracted(response, four) ?? "",
    };
    const letters = Object.entries(read).filter(
      ([task, letter]) => row[task as keyof typeof read] !== letter,
    );
    const scores = Object.entries(gold).filter(
      ([letter, score]) => Number(isMvbenchAnswer(response, letter)) !== score,
    );
    return [
      ...letters.map(([task, letter]) => `${task} reads ${JSON.stringify(response)} as ${letter}`),
      ...scores.map(([letter]) => `mvbench scores ${JSON.stringify(response)} otherwise for ${letter}`),
    ];
  });
  return caseResult(name, true, misses);
}
