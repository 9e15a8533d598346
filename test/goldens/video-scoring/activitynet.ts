import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PrumergeError } from "prumerge/reduce";
import { roundHalfEven } from "../../../src/eval/scoring/round-half-even.js";
import {
  type ActivityNetCounts,
  activityNetFigures,
  countActivityNet,
} from "../../../src/eval/tasks/video-qa/activitynet-official.js";
import { type CaseResult, caseResult } from "../outcome.js";

export interface ActivityNetCase {
  readonly name: string;
  readonly inputs: { readonly file?: string };
  readonly expected: {
    readonly corrects: Readonly<Record<string, number>>;
    readonly type_count_in_first_appearance_order: Readonly<Record<string, number>>;
    readonly printed: Readonly<Record<string, number>>;
    readonly stdout: string;
    readonly all_correct: number;
    readonly all_total: number;
    readonly free_correct_true: number;
    readonly free_total_true: number;
  } | null;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

/** Where the rows are not recorded (the dataset's licence), the figures are worked out from the counts that are. */
export function replayActivityNet(folder: string, test: ActivityNetCase): CaseResult {
  const { expected, expected_error: error, inputs } = test;
  try {
    const counts =
      inputs.file === undefined ? recordedCounts(folder, test) : counted(join(folder, inputs.file));
    const figures = activityNetFigures(counts);
    if (expected === null) return caseResult(test.name, true, ["not refused"]);
    const { types, free, freeAsPrinted, all } = figures;
    const printed = [...types.slice(0, 3), freeAsPrinted, all, ...types.slice(3)];
    const right = expected.free_correct_true / expected.free_total_true;
    const misses = [
      difference("right", counts.right, Object.values(expected.corrects)),
      difference("printed", printed.map(four), stdoutFigures(expected.stdout)),
      difference("free", [free], [right]),
      difference("all", [all], [expected.all_correct / expected.all_total]),
    ];
    return caseResult(test.name, true, misses.flat());
  } catch (thrown) {
    if (error === null || !PrumergeError.isInstance(thrown)) throw thrown;
    const named = error.text.replaceAll("'", "");
    const found = thrown.details.found ?? "";
    return caseResult(test.name, true, found.endsWith(named) ? [] : [`refused for ${found}, not ${named}`]);
  }
}

function counted(file: string): ActivityNetCounts {
  const { predictions, answers } = JSON.parse(readFileSync(file, "utf8"));
  return countActivityNet(predictions, answers);
}

/** JSON.parse puts keys that are numbers in order; the order of the file counts here. */
function recordedCounts(folder: string, { name, expected }: ActivityNetCase): ActivityNetCounts {
  const text = readFileSync(join(folder, "manifest.json"), "utf8");
  const from = text.indexOf('"type_count_in_first_appearance_order"', text.indexOf(`"${name}"`));
  const table = text.slice(text.indexOf("{", from) + 1, text.indexOf("}", from));
  const rows = [...table.matchAll(/"(\d)"\s*:\s*(\d+)/g)].map(([, type, count]) => [type, count].map(Number));
  return {
    right: Object.values(expected!.corrects),
    questions: new Map(rows as [number, number][]),
  };
}

const four = (value: number) => roundHalfEven(value, 4);

function stdoutFigures(stdout: string): string[] {
  return [...stdout.matchAll(/\d\.\d{4}/g)].map(([figure]) => figure);
}

function difference(what: string, ours: readonly unknown[], theirs: readonly unknown[]): string[] {
  return ours.join() === theirs.join() ? [] : [`${what} ${ours.join(" ")}, recorded ${theirs.join(" ")}`];
}
