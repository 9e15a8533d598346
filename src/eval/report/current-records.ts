import { answerKey } from "../run/assignment.js";
import { sha256OfPicture } from "../run/plan-assignments.js";
import type { Configuration, JournalRecord, Run } from "../run/run-folder.js";
import type { LoadedTask, TaskQuestion } from "../task.js";

/** A line of a journal, with what its run says of how it was asked. */
export interface RunRecord {
  readonly record: JournalRecord;
  readonly run: Run;
  readonly configuration: Configuration;
}

/** What counts of a task's records in one column. */
export interface CurrentRecords {
  /** By question. Of a question that failed and was then answered, the answer. */
  readonly records: ReadonlyMap<string, JournalRecord>;
  /** Answers to what is no longer asked: another prompt, another seed, a question that has gone. */
  readonly stale: number;
}

/**
 * A journal keeps the answers of earlier commands. Those count whose key is that of a question as it is asked now, which is
 * also how `eval` itself finds its answers. Where a question was asked about two pictures of one name, the picture that is
 * there decides; without it, the later answer.
 */
export async function currentRecords(
  { questions }: Pick<LoadedTask, "questions">,
  all: readonly RunRecord[],
): Promise<CurrentRecords> {
  const asked = new Map(questions.map((question) => [question.id, question]));
  const current = new Map<string, JournalRecord[]>();
  let stale = 0;
  for (const one of all) {
    const question = asked.get(one.record.id);
    if (question === undefined || one.record.key !== keyNow(one, question)) stale++;
    else current.set(question.id, [...(current.get(question.id) ?? []), one.record]);
  }
  const records = new Map<string, JournalRecord>();
  for (const [id, found] of current) {
    const right = await aboutItsPicture(asked.get(id)!, found);
    stale += found.length - right.length;
    records.set(id, right.findLast(({ kind }) => kind === "answer") ?? right.at(-1)!);
  }
  return { records, stale };
}

/** The key that the record's question has now, were its picture still the one that was asked about. */
function keyNow({ record, run, configuration }: RunRecord, question: TaskQuestion): string {
  const { model, versions, prompt, generation } = run;
  const { maxNewTokens, ...decisive } = generation;
  return answerKey(
    { model: model.hash, versions, prompt, ...decisive },
    record.task,
    configuration,
    question.picture === undefined ? null : (record.picture?.sha256 ?? null),
    { ...question, maxNewTokens: maxNewTokens ?? question.maxNewTokens },
  );
}

async function aboutItsPicture(
  { picture }: TaskQuestion,
  records: readonly JournalRecord[],
): Promise<readonly JournalRecord[]> {
  const hashes = new Set(records.map((record) => record.picture?.sha256));
  if (picture === undefined || hashes.size < 2) return records;
  const there = await sha256OfPicture(picture).catch(() => undefined);
  const wanted = there !== undefined && hashes.has(there) ? there : records.at(-1)!.picture?.sha256;
  return records.filter((record) => record.picture?.sha256 === wanted);
}
