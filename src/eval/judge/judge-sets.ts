import type { Reference, TaskQuestion } from "../task.js";
import type { JudgeEndpoint } from "./endpoint.js";
import { type AnswerToJudge, judgeAnswers, judgementKey } from "./judge-answers.js";
import { openJudgeJournal } from "./judge-journal.js";
import {
  costOf,
  type JudgeCost,
  type JudgedRow,
  type JudgeSummary,
  summariseJudgements,
} from "./judge-summary.js";

/** Answers to one task that are judged together: those of one configuration. */
export interface SetToJudge {
  readonly task: string;
  readonly configuration: string;
  readonly questions: readonly TaskQuestion[];
  readonly references: ReadonlyMap<string, Reference>;
  /** Text by question id; questions without one are not judged. */
  readonly answers: ReadonlyMap<string, string>;
}

export interface JudgeSettings {
  readonly endpoint: JudgeEndpoint;
  /** Requests for one answer at most. */
  readonly attempts: number;
  /** Answers judged at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

/** What a judge says of several sets. */
export interface JudgedSets {
  readonly sets: readonly {
    readonly task: string;
    readonly configuration: string;
    /** Undefined for a set without answers. */
    readonly summary: JudgeSummary | undefined;
  }[];
  /** Of all sets; an answer that is in several was judged once. */
  readonly cost: JudgeCost;
}

/**
 * Has sets of answers judged, those that the journal does not have, and works out what the judge says.
 *
 * @param journal path of the file with every judgement; its folder has to be there
 * @throws as `judgeAnswers`; PrumergeError INVALID_FILE for another file than a journal of judgements
 */
export async function judgeSets(
  sets: readonly SetToJudge[],
  journal: string,
  settings: JudgeSettings,
): Promise<JudgedSets> {
  const listed = sets.map((set) => ({ set, answers: answersOf(set) }));
  const opened = await openJudgeJournal(journal);
  try {
    const found = await judgeAnswers(
      listed.flatMap(({ answers }) => answers),
      { ...settings, journal: opened },
    );
    return {
      sets: listed.map(({ set: { task, configuration, questions }, answers }) => {
        const clusters = new Map(questions.map(({ id, picture }) => [id, picture?.name]));
        const rows = answers.map((answer): JudgedRow => {
          const record = found.get(judgementKey(settings.endpoint, answer))!;
          return { record, cluster: clusters.get(answer.id) };
        });
        return { task, configuration, summary: rows.length === 0 ? undefined : summariseJudgements(rows) };
      }),
      cost: costOf([...found.values()]),
    };
  } finally {
    await opened.close();
  }
}

function answersOf({ task, questions, references, answers }: SetToJudge): AnswerToJudge[] {
  return questions.flatMap(({ id }) => {
    const [prediction, reference] = [answers.get(id), references.get(id)];
    return prediction === undefined || reference === undefined
      ? []
      : [{ task, id, ...reference, prediction }];
  });
}
