import { resolve } from "node:path";
import { PrumergeError } from "../../errors.js";
import { readRecords, readRun } from "../run/read-run.js";
import type { Configuration, Run, RunTask } from "../run/run-folder.js";
import { findTask } from "../tasks/registry.js";
import { type Column, columnKey, labelColumns } from "./column.js";
import type { RunRecord } from "./current-records.js";
import type { ReportRun } from "./report-data.js";

/** What the runs hold of one task. */
export interface TaskRecords {
  readonly task: RunTask;
  /** All that the journals hold, by column key; `currentRecords` says which of them count. */
  readonly records: ReadonlyMap<string, readonly RunRecord[]>;
}

/** Several runs as one: the same columns of the same tasks are put together, as shards need it. */
export interface ReadRuns {
  readonly runs: readonly ReportRun[];
  readonly columns: ReadonlyMap<string, Column>;
  readonly tasks: readonly TaskRecords[];
}

/**
 * Reads run folders.
 *
 * @throws PrumergeError NOT_FOUND for a folder without a run, INVALID_FILE for a damaged one
 */
export async function readRuns(folders: readonly string[]): Promise<ReadRuns> {
  const runs: ReportRun[] = [];
  const found: { run: Run; configuration: Configuration }[] = [];
  const counts = new Map<string, Set<number>>();
  const tasks = new Map<string, { task: RunTask; records: Map<string, RunRecord[]> }>();
  for (const folder of folders) {
    const run = await readRun(folder);
    if (run === undefined) {
      throw new PrumergeError("NOT_FOUND", "no run in this folder", {
        where: folder,
        expected: "a folder that prumerge eval --out wrote",
      });
    }
    runs.push({ folder: resolve(folder), run });
    for (const configuration of run.configurations) found.push({ run, configuration });
    const configurations = new Map(run.configurations.map((one) => [one.name, one]));
    const named = new Map(run.tasks.map((task) => [task.name, task]));
    for await (const record of readRecords(folder)) {
      const task = named.get(record.task);
      const configuration = configurations.get(record.configuration);
      if (task === undefined || configuration === undefined) continue;
      const entry = tasks.get(taskKey(task)) ?? { task, records: new Map() };
      tasks.set(taskKey(task), entry);
      const key = columnKey(run, configuration);
      const column = entry.records.get(key) ?? [];
      entry.records.set(key, column);
      column.push({ record, run, configuration });
      if (record.kind === "answer" && record.picture !== null)
        counts.set(key, (counts.get(key) ?? new Set()).add(record.visualTokens));
    }
  }
  return { runs, columns: labelColumns(found, counts), tasks: sortTasks([...tasks.values()]) };
}

/** Tasks under other rules are other tasks. */
function taskKey({ name, options }: RunTask): string {
  return JSON.stringify([name, Object.entries(options).sort()]);
}

/** In the order of the registry, which is that of LLaVA's tables. */
function sortTasks(tasks: readonly TaskRecords[]): readonly TaskRecords[] {
  const place = ({ task }: TaskRecords) => findTask(task.name).title;
  const order = [...new Set(tasks.map(place))];
  return [...tasks].sort((a, b) => order.indexOf(place(a)) - order.indexOf(place(b)));
}
