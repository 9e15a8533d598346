import { PrumergeError } from "../../errors.js";
import type { LoadedModel } from "../../model/model.js";
import { answerAssignment, preparePicture, subject } from "../run/answer-assignment.js";
import { type AskedQuestion, type Assignment, answerKey } from "../run/assignment.js";
import type { JournalRecord } from "../run/run-folder.js";
import { findPicture } from "./find-picture.js";
import { type Announcement, jobSchema, type Progress, progressSchema } from "./messages.js";

/** What a worker brings along. */
export interface WorkerOutfit {
  readonly model: LoadedModel;
  /** Its own folder of benchmarks. */
  readonly data: string;
  /** Name in the journal. */
  readonly name: string;
}

/** So many workers may end in the middle of one question, or of encoding its picture; then that is held to end them. */
const mostBegun = 3;

/**
 * Does a job: answers its questions one after another, and notes before each how far it came, so that whoever takes the
 * job over goes on there. A question in which three workers ended is recorded as failed.
 *
 * @param data the job's data and progress, as they come from Redis
 * @param keep called with the progress; work waits for it
 * @returns the records of all its questions
 * @throws PrumergeError where this worker's data, model or version is not that of the run
 */
export async function doJob(
  data: unknown,
  progress: unknown,
  { conditions }: Announcement,
  { model, data: folder, name }: WorkerOutfit,
  keep: (progress: Progress) => Promise<unknown>,
): Promise<readonly JournalRecord[]> {
  const job = jobSchema.parse(data);
  const { records = [], begun = {} } = progressSchema.safeParse(progress).data ?? {};
  const picture = await findPicture(job.picture, folder);
  const assignment: Assignment = { ...job, picture };
  checkKeys(assignment, conditions);
  const ends = (what: string) => (begun[what] ?? 0) >= mostBegun;
  const done = new Set(records.map(({ key }) => key));
  const left: AskedQuestion[] = [];
  for (const question of job.questions) {
    if (done.has(question.key)) continue;
    if (ends("picture") || ends(question.key)) records.push(crashed(assignment, question, name));
    else left.push(question);
  }
  if (left.length === 0) return records;
  const begin = (what: string) => {
    begun[what] = (begun[what] ?? 0) + 1;
    return keep({ records, begun });
  };
  await begin("picture");
  const prepared = picture && preparePicture(model, picture, conditions);
  prepared?.catch(() => undefined); // reported by the questions about it
  const answers = answerAssignment(model, { ...assignment, questions: left }, prepared, {
    prompt: conditions.prompt,
    worker: name,
    stop: new AbortController().signal, // a job that has begun is finished
    before({ key }) {
      begun.picture = 0;
      return begin(key);
    },
  });
  for await (const record of answers) records.push(record);
  return records;
}

function checkKeys(
  { task, configuration, picture, questions }: Assignment,
  conditions: Announcement["conditions"],
): void {
  for (const question of questions) {
    const own = answerKey(conditions, task, configuration, picture?.sha256 ?? null, question);
    if (own === question.key) continue;
    throw new PrumergeError("INVALID_FILE", "a job contradicts itself", {
      where: `${task}, question ${question.id}`,
      expected: own,
      found: question.key,
      help: "Do all workers run this version of prumerge?",
    });
  }
}

function crashed(assignment: Assignment, question: AskedQuestion, worker: string): JournalRecord {
  return {
    ...subject(assignment, question, worker),
    kind: "failure",
    code: "CRASHED",
    message: `${mostBegun} workers ended while they answered this question`,
  };
}
