import { existsSync } from "node:fs";
import type { JudgeEndpoint } from "../judge/endpoint.js";
import { judgementKey } from "../judge/judge-answers.js";
import { type JudgementRecord, readJudgements } from "../judge/judge-journal.js";
import { type JudgedRow, type JudgeSummary, summariseJudgements } from "../judge/judge-summary.js";
import { runFiles } from "../run/run-folder.js";
import type { LoadedTask } from "../task.js";
import type { JudgedColumn } from "./compare-columns.js";
import type { JudgedFigure } from "./report-data.js";

/** Every judgement that the runs hold, by key; of an answer that several judged alike, one that has a reply. */
export async function judgementsOf(
  folders: readonly string[],
): Promise<ReadonlyMap<string, JudgementRecord>> {
  const found = new Map<string, JudgementRecord>();
  for (const folder of folders) {
    const path = runFiles.judgements(folder);
    if (!existsSync(path)) continue;
    for await (const record of readJudgements(path)) {
      if (found.get(record.key)?.kind !== "judgement") found.set(record.key, record);
    }
  }
  return found;
}

/**
 * What each judge said of the answers that a report counts, column by column: looked up answer by answer, so that judgements
 * of other answers than these are none of them.
 */
export function judgedFigures(
  task: { readonly name: string; readonly title: string },
  loaded: LoadedTask,
  columns: readonly JudgedColumn[],
  judgements: ReadonlyMap<string, JudgementRecord>,
): readonly JudgedFigure[] {
  const { references } = loaded;
  if (references === undefined || judgements.size === 0) return [];
  const judges = distinctJudges(judgements.values());
  return judges.flatMap((judge) =>
    columns.flatMap((column): JudgedFigure[] => {
      const answered = [...column.records.values()].flatMap((record) =>
        record.kind === "answer" ? [record] : [],
      );
      const clusters = new Map(column.verdicts.map(({ questions: [id], cluster }) => [id, cluster]));
      const rows = answered.flatMap(({ id, text: prediction }): JudgedRow[] => {
        const reference = references.get(id);
        if (reference === undefined) return [];
        const key = judgementKey(judge as JudgeEndpoint, { task: task.name, id, ...reference, prediction });
        const record = judgements.get(key);
        return record === undefined ? [] : [{ record, cluster: clusters.get(id) }];
      });
      if (rows.length === 0) return [];
      const { cost: _, ...summary } = summariseJudgements(rows);
      return [{ task: task.title, column: column.column, answered: answered.length, summary }];
    }),
  );
}

function distinctJudges(records: Iterable<JudgementRecord>): readonly JudgeSummary["judge"][] {
  const judges = new Map<string, JudgeSummary["judge"]>();
  for (const { judge } of records) judges.set(JSON.stringify(judge), judge);
  return [...judges.values()];
}
