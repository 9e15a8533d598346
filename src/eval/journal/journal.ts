import { type JournalRecord, journalHeaderSchema, recordFormat, recordSchema } from "../run/run-folder.js";
import { type RecordForm, RecordJournal, type Repair } from "./record-journal.js";

export type { Repair };

/** What a run's journal remembers of a record; the rest stays on disk. */
export type Remembered =
  | { readonly kind: "answer"; readonly text: string; readonly visualTokens: number }
  | { readonly kind: "failure"; readonly code: string };

/** A run's answers, and why there are none. */
export const answerForm: RecordForm<JournalRecord, Remembered> = {
  header: journalHeaderSchema,
  record: recordSchema,
  opening: { journal: "prumerge", format: recordFormat },
  loss: "its question is then answered again",
  remember: (record) =>
    record.kind === "failure"
      ? { kind: "failure", code: record.code }
      : { kind: "answer", text: record.text, visualTokens: record.visualTokens },
};

/** The record of a run, see {@link RecordJournal}. */
export type Journal = RecordJournal<JournalRecord, Remembered>;
export const Journal = {
  /** @throws as {@link RecordJournal.open} */
  open: (path: string): Promise<Journal> => RecordJournal.open(path, answerForm),
};
