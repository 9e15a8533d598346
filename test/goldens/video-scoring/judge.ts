import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { judgeMessages } from "../../../src/eval/judge/judge-request.js";
import {
  type JudgeTotals,
  videoChatGptTotals,
  videoLlavaTotals,
} from "../../../src/eval/judge/judge-totals.js";
import { readJudgement } from "../../../src/eval/judge/judgement.js";
import type { Json } from "../../../src/eval/judge/literal-json.js";
import type { PythonError } from "../../../src/eval/judge/python-integer.js";
import { readOfficially, readTolerantly } from "../../../src/eval/judge/read-reply.js";
import { type CaseResult, caseResult } from "../outcome.js";

export interface JudgeCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

interface RecordedTotals {
  readonly yes: number | null;
  readonly no: number | null;
  readonly accuracy: number | null;
  readonly average_score: number | null;
  readonly error: PythonError | null;
}

interface RecordedReply {
  readonly reply: string;
  readonly saved: boolean;
  readonly value: Json;
  readonly half_written_file_left: boolean;
  readonly totals: {
    readonly video_llava_alone: RecordedTotals;
    readonly video_chatgpt_alone: RecordedTotals;
  } | null;
  readonly lmms_eval_parse_score: readonly [string, number] | null;
}

export function replayRequest({ name, inputs, expected }: JudgeCase): CaseResult {
  const { question = "", answer = "", prediction = "" } = inputs;
  const messages = judgeMessages({ question, answer, prediction });
  const hash = createHash("sha256").update(pythonJson(messages)).digest("hex");
  return caseResult(name, true, hash === expected.messages_sha256 ? [] : [`messages of sha256 ${hash}`]);
}

/** As Python's json.dumps spaces it; the messages are ASCII. */
function pythonJson(messages: readonly object[]): string {
  const written = messages.map((one) => {
    const fields = Object.entries(one).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
    return `{${fields.join(", ")}}`;
  });
  return `[${written.join(", ")}]`;
}

export function replayReplies(folder: string, { name, inputs }: JudgeCase): CaseResult {
  const rows: RecordedReply[] = JSON.parse(readFileSync(join(folder, inputs.file!), "utf8"));
  return caseResult(
    name,
    true,
    rows.flatMap((row) => replyMisses(row).map((miss) => `${JSON.stringify(row.reply)} ${miss}`)),
  );
}

function replyMisses(row: RecordedReply): string[] {
  const ours = readOfficially(row.reply);
  const tolerant = readTolerantly(row.reply);
  const misses: string[] = [];
  if (ours.saved !== row.saved) return [`is ${ours.saved ? "" : "not "}saved`];
  if (!ours.saved && ours.halfWritten !== row.half_written_file_left) misses.push("leaves another file");
  if (ours.saved && !isDeepStrictEqual(ours.value, row.value))
    misses.push(`is ${JSON.stringify(ours.value)}`);
  if (ours.saved && row.totals !== null) {
    const { video_llava_alone: llava, video_chatgpt_alone: chatgpt } = row.totals;
    misses.push(...totalsMisses("Video-LLaVA", videoLlavaTotals([ours.value]), llava));
    misses.push(...totalsMisses("Video-ChatGPT", videoChatGptTotals([ours.value]), chatgpt));
  }
  const read = tolerant === undefined ? null : [tolerant.verdict, tolerant.score];
  if (!isDeepStrictEqual(read, row.lmms_eval_parse_score)) misses.push(`is ${read} to lmms-eval`);
  return misses;
}

export function replayTotals(folder: string, { name, inputs }: JudgeCase): CaseResult {
  const sets: { judgements: Json[]; video_llava: RecordedTotals; video_chatgpt: RecordedTotals }[] =
    JSON.parse(readFileSync(join(folder, inputs.file!), "utf8"));
  const misses = sets.flatMap(({ judgements, video_llava: llava, video_chatgpt: chatgpt }, at) => {
    // The program ends with the first bad row of its folder's listing, whose order is the file system's.
    const possible = judgements.flatMap((one) => readJudgement(one).error ?? []);
    const ours = videoChatGptTotals(judgements);
    const same = possible.find((error) => isSame(error, chatgpt.error)) ?? ours;
    return [
      ...totalsMisses(`set ${at}, Video-LLaVA`, videoLlavaTotals(judgements), llava),
      ...totalsMisses(`set ${at}, Video-ChatGPT`, "type" in ours ? same : ours, chatgpt),
    ];
  });
  return caseResult(name, true, misses);
}

function totalsMisses(what: string, ours: JudgeTotals | PythonError, theirs: RecordedTotals): string[] {
  if ("type" in ours)
    return isSame(ours, theirs.error)
      ? []
      : [`${what}: ${ours.type} ${ours.text}, recorded ${theirs.error?.text}`];
  const [mine, recorded] = [
    [ours.yes, ours.no, ours.accuracy, ours.averageScore],
    [theirs.yes, theirs.no, theirs.accuracy, theirs.average_score],
  ];
  return isDeepStrictEqual(mine, recorded) ? [] : [`${what}: ${mine}, recorded ${recorded}`];
}

/** Recorded texts are cut off. */
function isSame(ours: PythonError, theirs: PythonError | null): boolean {
  return theirs !== null && ours.type === theirs.type && ours.text.startsWith(theirs.text);
}
