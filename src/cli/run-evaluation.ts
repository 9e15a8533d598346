import { PrumergeError } from "../errors.js";
import { judgeRun } from "../eval/judge/judge-run.js";
import type { JudgedSets } from "../eval/judge/judge-sets.js";
import { planConfigurations } from "../eval/run/configurations.js";
import { type Evaluation, type EvaluationEvents, evaluate } from "../eval/run/evaluate.js";
import { isModule, loadOwnMethods, methodFinder, type OwnMethod } from "../eval/run/own-methods.js";
import { refuseVideos } from "../eval/run/refuse-videos.js";
import { refuseJudge } from "../eval/score-answers.js";
import { runFamily } from "../families/run-registry.js";
import { withAnswerer } from "./evaluation-answerer.js";
import type { EvalOptions } from "./evaluation-options.js";
import { EvaluationProgress } from "./evaluation-progress.js";
import { formatScores } from "./evaluation-report.js";
import { judgeEndpoint, judgeSettings } from "./judge-options.js";
import { formatJudged } from "./judge-report.js";
import { loadTasks } from "./load-tasks.js";
import { widthOf, write } from "./terminal.js";

/** `prumerge eval`: everything from the words of the command line to the scores on standard output. */
export async function runEvaluation(
  names: readonly string[],
  options: EvalOptions,
  signal: AbortSignal,
): Promise<void> {
  const quiet = Boolean(options.quiet || options.json);
  const tell = (text: string) => quiet || process.stderr.write(`${text}\n`);
  const { names: named, own } = await methodsOf(options);
  const { configurations, leftOut } = planConfigurations(
    named,
    options.visualTokens,
    options.seed,
    options.positions,
    options.option,
    own,
  );
  for (const reason of leftOut) tell(`Note: ${reason}`);
  if (!configurations.some(({ budget }) => budget.kind === "all"))
    tell("Note: without the method none there is no unreduced model to compare with");
  const judge = judgeEndpoint(options);
  const tasks = await loadTasks(names, options.data, options.rule);
  if (judge !== undefined) for (const { task, loaded } of tasks) refuseJudge(task, loaded);
  let judged: JudgedSets | undefined;
  const evaluation = await withAnswerer(
    options,
    signal,
    tell,
    methodFinder(own),
    ({ command, answer, status, spec }) => {
      refuseVideos(tasks, runFamily(spec).video !== undefined);
      return evaluate({
        folder: options.out,
        command,
        tasks,
        configurations,
        selection: { limit: options.limit ?? null, shard: options.shard ?? null },
        retryFailed: options.retryFailed === true,
        skipMissing: options.skipMissing === true,
        answer,
        async after({ answered }) {
          if (judge === undefined) return;
          judged = await judgeRun(options.out, answered, judgeSettings(judge, options, signal, status));
        },
        stop: signal,
        on: events(new EvaluationProgress(status, { quiet }), options.out, tell),
      });
    },
  );
  if (evaluation.stopped) throw signal.reason;
  for (const reason of evaluation.unscored) tell(`Note: ${reason}`);
  await report(evaluation, judged, options);
}

/** The names of all methods, and those that the command's modules export, loaded. */
async function methodsOf({ method, queue }: EvalOptions) {
  const own: OwnMethod[] = [];
  const names: string[] = [];
  for (const word of method) {
    const loaded = isModule(word) ? await loadOwnMethods(word) : [];
    own.push(...loaded);
    names.push(...(loaded.length > 0 ? loaded.map((one) => one.method.name) : [word]));
  }
  if (own.length === 0 || queue === undefined) return { names, own };
  throw new PrumergeError("INVALID_OPTION", "workers know prumerge's methods alone", {
    where: "--queue",
    expected: "methods of prumerge",
    found: own.map(({ module }) => module.path).join(", "),
    help: "Without --queue, parts of the work go to other machines with --shard",
  });
}

function events(progress: EvaluationProgress, out: string, tell: (text: string) => void): EvaluationEvents {
  return {
    picture: (...args) => progress.picture(...args),
    record: (record) => progress.record(record),
    missing(task, { pictures, of, questions, example }) {
      tell(
        `Note: ${task}: ${pictures} of ${of} pictures or videos are not there (${example.path} is one); ${questions} questions are left out`,
      );
    },
    repair({ line, bytes }) {
      const what = bytes > 0 ? `${bytes} bytes cut off, its question is asked again` : "its end was added";
      tell(`Note: the journal's last line (${line}) was not finished; ${what}`);
    },
    begin(total, known) {
      progress.begin(total, known);
      if (known > 0) tell(`${out}: goes on with ${known} of ${total} answers`);
    },
  };
}

async function report(
  { scores, failed }: Evaluation,
  judged: JudgedSets | undefined,
  { out, json, quiet }: EvalOptions,
): Promise<void> {
  const width = widthOf(process.stdout);
  const value = judged === undefined ? scores : { scores, judged };
  const table =
    formatScores(scores, width) + (judged === undefined ? "" : `\n${formatJudged(judged, width)}`);
  await write(process.stdout, json ? `${JSON.stringify(value, null, 2)}\n` : table);
  if (failed > 0) {
    throw new PrumergeError("RUNTIME", "questions have no answer and count as wrong", {
      where: out,
      found: `${failed} that failed; journal.jsonl says why`,
      help: "Ask them again with --retry-failed",
    });
  }
  if (!quiet && !json) process.stderr.write(`${out}: journal, answers and scores\n`);
}
