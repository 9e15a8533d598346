import { meanCredit } from "../scoring/mean-credit.js";
import type { Interval } from "../statistics/interval.js";
import { scoreIntervals } from "../statistics/score-intervals.js";
import type { Verdict } from "../task.js";
import type { JudgementRecord } from "./judge-journal.js";
import { type JudgeTotals, videoChatGptTotals, videoLlavaTotals } from "./judge-totals.js";
import { readJudgement } from "./judgement.js";
import type { PythonError } from "./python-integer.js";
import { readOfficially, readTolerantly } from "./read-reply.js";

/** One judged answer, and the picture or video that it is about. */
export interface JudgedRow {
  readonly record: JudgementRecord;
  readonly cluster: string | undefined;
}

/** What a judge says of one set of answers, read in both ways, and what it took. */
export interface JudgeSummary {
  readonly judge: JudgementRecord["judge"];
  /** As servers call the models that answered. */
  readonly served: readonly string[];
  /** Answers that were to be judged, and those that no request brought a reply for. */
  readonly answers: number;
  readonly failed: number;
  /** As Video-ChatGPT's and Video-LLaVA's programs read replies: literals of Python and nothing else. */
  readonly strict: {
    /** Answers with a reply that is read; the official programs would ask for the others for ever. They do not count. */
    readonly read: number;
    readonly videoLlava: JudgeTotals | PythonError;
    readonly videoChatGpt: JudgeTotals | PythonError;
    /** 95 % interval of the accuracy, 0 to 1. */
    readonly interval: Interval | undefined;
  };
  /** As lmms-eval reads the first reply: what stands between braces. `yes` over all that are read. */
  readonly tolerant: { readonly read: number } & (
    | { readonly accuracy: number; readonly averageScore: number; readonly yes: number }
    | { readonly accuracy: undefined; readonly averageScore: undefined; readonly yes: 0 }
  );
  readonly cost: JudgeCost;
}

/** What a set's judgements took, those of earlier commands included. */
export interface JudgeCost {
  readonly requests: number;
  /** Requests beyond the first for an answer. */
  readonly repeated: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Replies whose server did not count tokens. */
  readonly uncounted: number;
  /** Of all requests that brought a reply, one after the other. */
  readonly milliseconds: number;
}

/** @param rows at least one */
export function summariseJudgements(rows: readonly JudgedRow[]): JudgeSummary {
  const records = rows.map(({ record }) => record);
  const strict = rows.flatMap(({ record, cluster }) => {
    const last = record.replies.at(-1);
    const reading = last && readOfficially(last.text);
    return reading?.saved ? [{ id: record.id, value: reading.value, cluster }] : [];
  });
  const values = strict.map(({ value }) => value);
  return {
    judge: records[0]!.judge,
    served: [...new Set(records.flatMap(({ replies }) => replies.flatMap(({ model }) => model ?? [])))],
    answers: rows.length,
    failed: records.filter(({ kind }) => kind === "failure").length,
    strict: {
      read: strict.length,
      videoLlava: videoLlavaTotals(values),
      videoChatGpt: videoChatGptTotals(values),
      interval: accuracyInterval(strict),
    },
    tolerant: tolerantTotals(records),
    cost: costOf(records),
  };
}

function accuracyInterval(
  rows: readonly { id: string; value: Parameters<typeof readJudgement>[0]; cluster: string | undefined }[],
) {
  const verdicts = rows.flatMap(({ id, value, cluster }): Verdict[] => {
    const { verdict } = readJudgement(value);
    if (verdict !== "yes" && verdict !== "no") return [];
    return [{ questions: [id], credit: verdict === "yes" ? 1 : 0, groups: [], cluster }];
  });
  if (verdicts.length === 0) return undefined;
  const interval = scoreIntervals({ aggregate: (all) => meanCredit(all) }, verdicts)[0]?.interval;
  return interval && { ...interval, low: interval.low / 100, high: interval.high / 100 };
}

function tolerantTotals(records: readonly JudgementRecord[]): JudgeSummary["tolerant"] {
  const read = records.flatMap(({ replies: [first] }) => (first && readTolerantly(first.text)) ?? []);
  if (read.length === 0) return { read: 0, accuracy: undefined, averageScore: undefined, yes: 0 };
  const yes = read.filter(({ verdict }) => verdict === "yes").length;
  const sum = read.reduce((total, { score }) => total + score, 0);
  return { read: read.length, yes, accuracy: yes / read.length, averageScore: sum / read.length };
}

/** What judgements took; each counts once. */
export function costOf(records: readonly JudgementRecord[]): JudgeCost {
  const replies = records.flatMap((record) => record.replies);
  const requests = records.reduce((sum, one) => sum + one.replies.length + one.refusals.length, 0);
  const sum = (of: (reply: (typeof replies)[number]) => number | null) =>
    replies.reduce((total, reply) => total + (of(reply) ?? 0), 0);
  return {
    requests,
    repeated: requests - records.length,
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    uncounted: replies.filter(({ promptTokens }) => promptTokens === null).length,
    milliseconds: sum(({ milliseconds }) => milliseconds),
  };
}
