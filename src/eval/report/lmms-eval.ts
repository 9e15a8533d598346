import { createHash } from "node:crypto";
import { PrumergeError } from "../../errors.js";
import { readRecords, readRun } from "../run/read-run.js";
import type { Configuration, JournalRecord, Run, RunTask } from "../run/run-folder.js";
import { scoreIntervals } from "../statistics/score-intervals.js";
import type { LoadedTask, TaskQuestion } from "../task.js";
import { taskFolder } from "../task-folder.js";
import { findTask } from "../tasks/registry.js";
import { currentRecords } from "./current-records.js";

/** One file of an export, below its folder. */
export interface SampleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * A run in the form in which lmms-eval logs samples (`--log_samples`, its `evaluation_tracker.py`), so that programs which read
 * that read this: for each configuration a folder with `<date>_samples_<task>.jsonl`, a line for each answer, and
 * `<date>_results.json`. The metric of a line is `credit`, the share of its question's unit that is right by the task's rule
 * (0 to 1); the results have the headline under the same name, in percent or points. `target` is what people answered, where the task
 * tells it (open answers about videos), else empty: labels stay in the benchmark's files.
 *
 * @param data folder of the benchmarks where it is no longer where the run found them
 * @throws PrumergeError NOT_FOUND for a folder without a run or a benchmark that has moved; INVALID_FILE
 */
export async function lmmsEvalSamples(folder: string, data?: string): Promise<readonly SampleFile[]> {
  const run = await readRun(folder);
  if (run === undefined) {
    throw new PrumergeError("NOT_FOUND", "no run in this folder", {
      where: folder,
      expected: "a folder that prumerge eval --out wrote",
    });
  }
  const records = new Map<string, JournalRecord[]>();
  for await (const record of readRecords(folder)) {
    const key = keyOf(record.task, record.configuration);
    records.set(key, [...(records.get(key) ?? []), record]);
  }
  const loaded: { task: RunTask; loaded: LoadedTask }[] = [];
  for (const task of run.tasks) {
    const known = findTask(task.name);
    const place = data === undefined ? task.data : await taskFolder(data, known);
    loaded.push({ task, loaded: await known.load(place, task.options) });
  }
  const files: SampleFile[] = [];
  for (const configuration of run.configurations) {
    const exported = [];
    for (const one of loaded) {
      const all = records.get(keyOf(one.task.name, configuration.name)) ?? [];
      const about = all.map((record) => ({ record, run, configuration }));
      const current = await currentRecords(one.loaded, about);
      if (current.records.size > 0) exported.push(exportTask(one.task, one.loaded, current.records));
    }
    if (exported.length > 0) files.push(...filesOf(run, configuration, exported));
  }
  return files;
}

interface ExportedTask {
  readonly task: RunTask;
  readonly lines: readonly Sample[];
  readonly value: number;
  readonly error: number | undefined;
  readonly questions: number;
}

/** A line as lmms-eval writes it: `resps` is left out where it is what `filtered_resps` says, `input` is the prompt. */
interface Sample {
  readonly doc_id: number;
  readonly target: string;
  readonly filtered_resps: readonly string[];
  readonly doc_hash: string;
  readonly input: string;
  readonly credit: number;
  /** What lmms-eval's lines have not. */
  readonly question_id: string;
  readonly visual_tokens: number;
}

function exportTask(
  task: RunTask,
  loaded: LoadedTask,
  records: ReadonlyMap<string, JournalRecord>,
): ExportedTask {
  const answers = new Map(
    [...records].flatMap(([id, record]) => (record.kind === "answer" ? [[id, record.text] as const] : [])),
  );
  const verdicts = loaded.judge(answers).filter(({ questions }) => questions.every((id) => records.has(id)));
  const credits = new Map(verdicts.flatMap(({ questions, credit }) => questions.map((id) => [id, credit])));
  const lines = loaded.questions.flatMap((question, place): Sample[] => {
    const record = records.get(question.id);
    const credit = credits.get(question.id);
    if (record === undefined || credit === undefined) return [];
    return [
      {
        doc_id: place,
        target: loaded.references?.get(question.id)?.answer ?? "",
        filtered_resps: [record.kind === "answer" ? record.text : ""],
        doc_hash: hashOf(question),
        input: question.text,
        credit,
        question_id: question.id,
        visual_tokens: record.kind === "answer" ? record.visualTokens : 0,
      },
    ];
  });
  const headline = verdicts.length === 0 ? undefined : scoreIntervals(loaded, verdicts)[0];
  const { value = Number.NaN, interval } = headline ?? {};
  // lmms-eval has standard errors; half of a 95 % interval is 1.96 of them, about.
  const error = interval && (interval.high - interval.low) / (2 * 1.96);
  return { task, lines, value, error, questions: loaded.questions.length };
}

function filesOf(run: Run, { name }: Configuration, tasks: readonly ExportedTask[]): SampleFile[] {
  const began = run.commands.at(-1)!.began;
  const date = began.replace(/[-:]/g, "").replace("T", "_").slice(0, 15);
  const table = <T>(of: (one: ExportedTask) => T) =>
    Object.fromEntries(tasks.map((one) => [one.task.name, of(one)]));
  const results = {
    results: table(({ task, value, error }) => ({
      alias: task.name,
      "credit,none": Number.isFinite(value) ? value : null,
      "credit_stderr,none": error ?? "N/A",
    })),
    configs: table(({ task }) => ({ task: task.name, metadata: { rules: task.options } })),
    versions: table(() => run.versions.prumerge),
    "n-shot": table(() => 0),
    higher_is_better: table(() => ({ credit: true })),
    "n-samples": table(({ lines, questions }) => ({ original: questions, effective: lines.length })),
    config: { model: "prumerge", model_args: `pretrained=${run.model.name},configuration=${name}` },
    date,
    task_hashes: table(({ lines }) =>
      sha256(lines.map(({ doc_hash: hash }, at) => `sample_${at}${hash}`).join("")),
    ),
    model_source: "prumerge",
    model_name: `${run.model.name} ${name}`,
    model_name_sanitized: name,
  };
  return [
    { path: `${name}/${date}_results.json`, text: `${JSON.stringify(results, null, 2)}\n` },
    ...tasks.map(({ task, lines }) => ({
      path: `${name}/${date}_samples_${task.name}.jsonl`,
      text: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    })),
  ];
}

function hashOf({ id, text, picture }: TaskQuestion): string {
  return sha256(JSON.stringify({ question_id: id, question: text, picture: picture?.name ?? null }));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const keyOf = (task: string, configuration: string) => JSON.stringify([task, configuration]);
