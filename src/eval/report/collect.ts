import { PrumergeError } from "../../errors.js";
import { defaultMethod } from "../../reduce/index.js";
import type { Run } from "../run/run-folder.js";
import { holm } from "../statistics/p-value.js";
import { meanRatio } from "../statistics/paired.js";
import { isVideoFile, type LoadedTask, type TaskPicture } from "../task.js";
import { taskFolder } from "../task-folder.js";
import { findTask } from "../tasks/registry.js";
import { baselines, type Column, isUnreduced, variantOf } from "./column.js";
import { compareAnswers } from "./compare-answers.js";
import { type ComparedColumn, compareColumns, type JudgedColumn } from "./compare-columns.js";
import { type CurrentRecords, currentRecords } from "./current-records.js";
import type { Framing } from "./difference-figure.js";
import { judgedFigures, judgementsOf } from "./judged.js";
import { keptTokens } from "./kept-tokens.js";
import { seedSpreads } from "./over-seeds.js";
import { type ReadRuns, readRuns, type TaskRecords } from "./read-runs.js";
import type { Comparison, MeanRetention, ReportData, ReportTask } from "./report-data.js";

export interface ReportOptions {
  /** Run folders; those of one model are put together. */
  readonly folders: readonly string[];
  /** Folder of the benchmarks where it is no longer where the run found it. */
  readonly data?: string;
  /** Names of the two configurations that are compared question by question; default: `none` and the first reducer. */
  readonly compare?: readonly [first: string, second: string];
  /** Questions to show, 0 or more; default 24. */
  readonly examples?: number;
  /** Tells how a run's model takes its square from a picture; undefined where it cannot be told. */
  readonly framing?: (run: Run) => Promise<Framing | undefined>;
}

/** A task with everything that was worked out about it. */
interface CollectedTask {
  readonly report: Omit<ReportTask, "columns" | "seeds">;
  readonly loaded: LoadedTask;
  readonly columns: readonly ComparedColumn[];
}

/**
 * Works out everything that a report says, from the runs' journals and the benchmarks' own files.
 *
 * @throws PrumergeError NOT_FOUND for a folder without a run or a benchmark that has moved, INVALID_FILE for damaged files,
 * INVALID_OPTION for columns that have no question in common, or a comparison of what is not there
 */
export async function collectReport(options: ReportOptions): Promise<ReportData> {
  const read = await readRuns(options.folders);
  const notes: string[] = [];
  const collected: CollectedTask[] = [];
  for (const task of read.tasks) {
    const found = await collectTask(task, read, options, notes);
    if (found !== undefined) collected.push(found);
  }
  if (collected.length === 0) {
    throw new PrumergeError("INVALID_OPTION", "the runs hold no answers yet", {
      where: options.folders.join(", "),
    });
  }
  const tasks = correctDifferences(collected);
  const judgements = await judgementsOf(options.folders);
  notes.push(...missingBaselines([...read.columns.values()]));
  const missed = [...read.columns.values()].filter(({ isMet }) => !isMet);
  if (missed.length > 0)
    notes.push(
      `Not the number of visual tokens that was asked for, so called by what pictures had: ${missed.map(({ label }) => label).join(", ")}.`,
    );
  return {
    runs: read.runs,
    ...tasks,
    retention: meanRetention(collected, read.columns),
    kept: await keptOf(collected, read.columns),
    comparison: await comparison(collected, read, options),
    judged: collected.flatMap(({ report, loaded, columns }) =>
      judgedFigures(
        report,
        loaded,
        columns.map(({ judged }) => judged),
        judgements,
      ),
    ),
    notes,
  };
}

/** Undefined where the journals hold no answer to what is asked now. */
async function collectTask(
  { task: asked, records }: TaskRecords,
  { columns }: ReadRuns,
  { data }: ReportOptions,
  notes: string[],
): Promise<CollectedTask | undefined> {
  const task = findTask(asked.name);
  const folder = data === undefined ? asked.data : await taskFolder(data, task);
  const loaded = await task.load(folder, asked.options).catch((cause: unknown) => {
    if (data !== undefined || !PrumergeError.isInstance(cause) || cause.code !== "NOT_FOUND") throw cause;
    throw new PrumergeError("NOT_FOUND", `the files of ${task.title} are not where the run found them`, {
      where: folder,
      help: "Say where they are with --data",
      cause,
    });
  });
  const judged: { column: Column; records: CurrentRecords["records"] }[] = [];
  let stale = 0;
  for (const column of columns.values()) {
    const all = records.get(column.key);
    if (all === undefined) continue;
    const current = await currentRecords(loaded, all);
    stale += current.stale;
    if (current.records.size > 0) judged.push({ column, records: current.records });
  }
  if (stale > 0)
    notes.push(
      `${task.title}: ${stale} answers to what is no longer asked (other rules, seeds or files) do not count.`,
    );
  if (judged.length === 0) return undefined;
  const common = commonQuestions(judged.map((one) => one.records));
  const answered = judged.map(({ column, records: all }): JudgedColumn => {
    const mine = new Map([...all].filter(([id]) => common.has(id)));
    const answers = new Map(
      [...mine].flatMap(([id, record]) => (record.kind === "answer" ? [[id, record.text] as const] : [])),
    );
    const verdicts = loaded.judge(answers).filter(({ questions }) => questions.every((id) => common.has(id)));
    return { column, records: mine, verdicts };
  });
  if (answered[0].verdicts.length === 0) {
    throw new PrumergeError("INVALID_OPTION", `no question of ${task.title} was answered in every column`, {
      where: folder,
      help: "Finish the run, or report on fewer runs",
    });
  }
  const questions = answered[0].verdicts.reduce((sum, one) => sum + one.questions.length, 0);
  const most = Math.max(...judged.map((one) => one.records.size));
  if (questions < most) {
    notes.push(
      `${task.title}: ${questions} of ${most} questions were answered in every column; only these count.`,
    );
  }
  const failed = answered.filter(({ records: all }) =>
    [...all.values()].some(({ kind }) => kind === "failure"),
  );
  if (failed.length > 0)
    notes.push(
      `${task.title}: failed questions count as wrong (${failed.map(({ column }) => column.label).join(", ")}).`,
    );
  const compared = compareColumns(loaded, answered);
  const report = {
    name: task.name,
    title: task.title,
    measure: task.headline,
    rules: Object.entries(asked.options).map(([name, value]) => `${name}=${value}`),
    questions,
    available: loaded.questions.length,
    unit: compared[0].headline.unit,
  };
  return { report, loaded, columns: compared };
}

/** All tasks as the report has them: every difference's p-value corrected for the number of all. */
function correctDifferences(collected: readonly CollectedTask[]): Pick<ReportData, "tasks" | "comparisons"> {
  const differences = collected.flatMap(({ columns }) =>
    columns.flatMap((column) => Object.values(column.differences)),
  );
  const corrected = new Map(holm(differences.map(({ p }) => p)).map((p, at) => [differences[at]!, p]));
  const tasks = collected.map(({ report, columns }): ReportTask => {
    const all = columns.map(({ judged: _, differences: own, ...column }) => ({
      ...column,
      differences: Object.fromEntries(
        Object.entries(own).map(([name, one]) => [name, { ...one, corrected: corrected.get(one)! }]),
      ),
    }));
    return { ...report, columns: all, seeds: seedSpreads(all) };
  });
  return { tasks, comparisons: differences.length };
}

function commonQuestions(columns: readonly ReadonlyMap<string, unknown>[]): ReadonlySet<string> {
  const [first, ...others] = columns;
  return new Set([...first.keys()].filter((id) => others.every((one) => one.has(id))));
}

function meanRetention(
  tasks: readonly CollectedTask[],
  columns: ReadonlyMap<string, Column>,
): readonly MeanRetention[] {
  return [...columns.values()].flatMap((column) => {
    const found = tasks.flatMap(({ columns: all }) =>
      all.flatMap(({ column: { key }, retention, visualTokens }) =>
        key === column.key && retention !== undefined ? [{ retention, visualTokens }] : [],
      ),
    );
    // A mean over fewer tasks than the other columns have is no number to compare.
    if (found.length < tasks.length) return [];
    return {
      column,
      ...meanRatio(found.map(({ retention }) => retention)),
      visualTokens: found.reduce((sum, one) => sum + one.visualTokens, 0) / found.length,
      tasks: found.length,
    };
  });
}

function keptOf(tasks: readonly CollectedTask[], columns: ReadonlyMap<string, Column>) {
  const pictures = new Map<string, TaskPicture>();
  const questions = tasks.map(({ loaded }) => new Map(loaded.questions.map((one) => [one.id, one.picture])));
  const seen = [...columns.values()].map((column) => ({
    column,
    records: tasks.flatMap(({ columns: all }, index) =>
      all
        .filter((one) => one.column.key === column.key)
        .flatMap(({ judged }) => [...judged.records.values()])
        .map((record) => {
          const picture = questions[index].get(record.id);
          const isPicture = picture !== undefined && !isVideoFile(picture);
          if (record.picture !== null && isPicture) pictures.set(record.picture.sha256, picture);
          return record;
        }),
    ),
  }));
  return keptTokens(seen, pictures);
}

async function comparison(
  tasks: readonly CollectedTask[],
  { runs, columns }: ReadRuns,
  { compare, examples = 24, framing }: ReportOptions,
): Promise<Comparison | undefined> {
  const all = [...columns.values()];
  const named = (name: string) => {
    const found = all.find(({ configuration }) => configuration.name === name);
    if (found !== undefined) return found;
    throw new PrumergeError("INVALID_OPTION", "no run has this configuration", {
      where: "--compare",
      expected: `two of ${[...new Set(all.map(({ configuration }) => configuration.name))].join(", ")}`,
      found: name,
    });
  };
  const first = compare ? named(compare[0]) : all.find(isUnreduced);
  const reducers = all.filter(
    (column) => !isUnreduced(column) && !baselines.includes(column.configuration.method),
  );
  const usual = reducers.find(({ configuration }) => configuration.method === defaultMethod.name);
  const second = compare ? named(compare[1]) : (usual ?? reducers[0]);
  if (first === undefined || second === undefined) return undefined;
  const comparable = tasks.flatMap(({ report, loaded, columns: compared }) => {
    const [a, b] = [first, second].map(
      (column) => compared.find((one) => one.column.key === column.key)?.judged,
    );
    return a === undefined || b === undefined ? [] : [{ title: report.title, loaded, first: a, second: b }];
  });
  const run = runs.find((one) => variantOf(one.run) === second.variant);
  const known = run && examples > 0 ? await framing?.(run.run) : undefined;
  return compareAnswers([first, second], comparable, examples, known);
}

function missingBaselines(columns: readonly Column[]): readonly string[] {
  const exact = columns.flatMap(({ configuration: { method }, exact: tokens }) =>
    tokens === undefined ? [] : [{ method, tokens }],
  );
  const counts = [...new Set(exact.map(({ tokens }) => tokens))];
  const missing = baselines.flatMap((method) =>
    counts
      .filter((tokens) => !exact.some((one) => one.method === method && one.tokens === tokens))
      .map((tokens) => `${method} at ${tokens}`),
  );
  return [
    ...(columns.some(isUnreduced) ? [] : ["There is no unreduced run to compare with: add the method none."]),
    ...(missing.length === 0
      ? []
      : [`Not run, so not drawn: ${missing.join(", ")}. No result says much without them.`]),
  ];
}
