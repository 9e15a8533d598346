import { createHash } from "node:crypto";
import { PrumergeError } from "../../errors.js";
import { askJudge } from "./ask-judge.js";
import type { JudgeEndpoint } from "./endpoint.js";
import type { JudgeJournal, JudgementRecord } from "./judge-journal.js";
import { type JudgedAnswer, judgeMessages } from "./judge-request.js";

/** An answer that is to be judged. */
export interface AnswerToJudge extends JudgedAnswer {
  readonly task: string;
  readonly id: string;
}

export interface JudgingOptions {
  readonly endpoint: JudgeEndpoint;
  readonly journal: JudgeJournal;
  /** Requests for one answer at most. */
  readonly attempts: number;
  /** Answers judged at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** Called after each answer: how many are judged of those that were to be, the journal's included. */
  readonly progress?: (done: number, total: number) => void;
}

/** Answers in a row without any reply, after which the judge is given up for now. */
const mostFailuresInARow = 10;

/**
 * Judges answers that the journal has no judgement of, and gives all of them, failures included, by key. Equal predictions for one
 * question are judged once, whatever configuration they come from. Failures of an earlier command are asked again.
 *
 * @throws PrumergeError NETWORK where the judge refuses every request, or ten answers in a row have no reply; what `signal` was
 * aborted with. What was judged until then is in the journal.
 */
export async function judgeAnswers(
  answers: readonly AnswerToJudge[],
  options: JudgingOptions,
): Promise<ReadonlyMap<string, JudgementRecord>> {
  const { endpoint, journal, parallel, progress } = options;
  const wanted = new Map(answers.map((answer) => [judgementKey(endpoint, answer), answer]));
  const waiting = [...wanted].filter(([key]) => journal.records.get(key)?.kind !== "judgement").values();
  const found = new Map<string, JudgementRecord>();
  for (const key of wanted.keys()) {
    const record = journal.records.get(key);
    if (record?.kind === "judgement") found.set(key, record);
  }
  progress?.(found.size, wanted.size);
  // One worker's end is everybody's end.
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  let failuresInARow = 0;
  const work = async () => {
    for (const [key, answer] of waiting) {
      signal.throwIfAborted();
      const record = await judgeOne(key, answer, { ...options, signal });
      await journal.append(record);
      found.set(key, record);
      failuresInARow = record.kind === "failure" ? failuresInARow + 1 : 0;
      if (failuresInARow >= mostFailuresInARow) throw givenUp(endpoint, record);
      progress?.(found.size, wanted.size);
    }
  };
  const workers = Array.from({ length: parallel }, () =>
    work().catch((error: unknown) => {
      ending.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  options.signal.throwIfAborted();
  if (ending.signal.aborted) throw ending.signal.reason;
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return found;
}

async function judgeOne(
  key: string,
  answer: AnswerToJudge,
  { endpoint, attempts, signal }: JudgingOptions,
): Promise<JudgementRecord> {
  const { url, model, protocol } = endpoint;
  const { task, id, question, answer: expected, prediction } = answer;
  const asked = await askJudge(endpoint, judgeMessages(answer), attempts, signal);
  return {
    key,
    kind: asked.replies.length > 0 ? "judgement" : "failure",
    ...{ task, id, question, answer: expected, prediction },
    judge: { url, model, protocol },
    replies: [...asked.replies],
    refusals: [...asked.refusals],
  };
}

/** Of everything that decides a judgement but chance. */
export function judgementKey(
  { url, model, protocol }: JudgeEndpoint,
  { task, id, question, answer, prediction }: AnswerToJudge,
): string {
  const parts = [url, model, protocol, task, id, question, answer, prediction];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function givenUp({ url }: JudgeEndpoint, { refusals }: JudgementRecord): PrumergeError {
  return new PrumergeError("NETWORK", "the judge gives no replies", {
    where: url,
    found: `${mostFailuresInARow} answers in a row without one; last: ${refusals.at(-1)}`,
    help: "What is judged is kept: the same command goes on",
  });
}
