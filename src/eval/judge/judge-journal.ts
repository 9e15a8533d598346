import { z } from "zod";
import { readLines } from "../journal/read-lines.js";
import { type RecordForm, RecordJournal } from "../journal/record-journal.js";

const count = z.int().nonnegative();

const replySchema = z.strictObject({
  text: z.string(),
  model: z.string().nullable(),
  promptTokens: count.nullable(),
  completionTokens: count.nullable(),
  milliseconds: count,
});

/** A line of a journal of judgements after the first. */
export const judgementSchema = z.strictObject({
  /** Hash of judge, protocol, task, question and prediction; no two judgements of a journal share one. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** `failure`: no request brought a reply. */
  kind: z.enum(["judgement", "failure"]),
  task: z.string(),
  id: z.string(),
  question: z.string(),
  answer: z.string(),
  prediction: z.string(),
  /** The judge's address, the model asked for, and what was sent beside the messages. */
  judge: z.strictObject({ url: z.string(), model: z.string(), protocol: z.string() }),
  /** Every reply, in order; the official programs would ask again after each but the last. */
  replies: z.array(replySchema),
  /** Why requests brought none. */
  refusals: z.array(z.string()),
});
export type JudgementRecord = z.infer<typeof judgementSchema>;

const opening = { journal: "prumerge-judgements", format: 1 } as const;

const form: RecordForm<JudgementRecord, JudgementRecord> = {
  header: z.strictObject({ journal: z.literal(opening.journal), format: z.literal(opening.format) }),
  record: judgementSchema,
  opening,
  loss: "its answer is then judged again",
  remember: (record) => record,
};

/** Every judgement that was asked for, append-only, so that judging goes on where it ended. */
export type JudgeJournal = RecordJournal<JudgementRecord, JudgementRecord>;

/** Opens a journal of judgements, or begins one; its folder has to be there. @throws as {@link RecordJournal.open} */
export function openJudgeJournal(path: string): Promise<JudgeJournal> {
  return RecordJournal.open(path, form);
}

/** The judgements of a journal that nobody writes to now. @throws PrumergeError NOT_FOUND, INVALID_FILE with the line */
export async function* readJudgements(path: string): AsyncGenerator<JudgementRecord> {
  for await (const { record } of readLines(path, form)) if (record !== undefined) yield record;
}
