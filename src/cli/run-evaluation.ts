import { PrumergeError } from "../errors.js";
import { answerHere } from "../eval/run/answer-here.js";
import { planConfigurations } from "../eval/run/configurations.js";
import { type Answerer, type Evaluation, evaluate } from "../eval/run/evaluate.js";
import { ownMachine, ownVersions } from "../eval/run/machine.js";
import { hashModel } from "../eval/run/model-files.js";
import { promptKind } from "../eval/run/prompt.js";
import { readRun } from "../eval/run/read-run.js";
import type { RunCommand } from "../eval/run/run-record.js";
import type { LoadedModel } from "../generate/model.js";
import type { EvalOptions } from "./commands/eval.js";
import { EvaluationProgress } from "./evaluation-progress.js";
import { formatScores } from "./evaluation-report.js";
import { loadTasks } from "./load-tasks.js";
import { withModel } from "./open-model.js";
import type { StatusLine } from "./status-line.js";
import { widthOf, write } from "./terminal.js";

/** `prumerge eval`: everything from the words of the command line to the scores on standard output. */
export async function runEvaluation(
  names: readonly string[],
  options: EvalOptions,
  signal: AbortSignal,
): Promise<void> {
  const quiet = Boolean(options.quiet || options.json);
  const tell = (text: string) => quiet || process.stderr.write(`${text}\n`);
  const { configurations, leftOut } = planConfigurations(options.method, options.visualTokens, options.seed);
  for (const reason of leftOut) tell(`Note: ${reason}`);
  if (!configurations.some(({ method }) => method === "none"))
    tell("Note: without the method none there is no unreduced model to compare with");
  const tasks = await loadTasks(names, options.data, options.rule);
  // The run ends by itself between two answers: only the loading of the model is cut short.
  const loading = new AbortController();
  let loaded = false;
  signal.addEventListener("abort", () => loaded || loading.abort(signal.reason));
  const evaluation = await withModel(options, loading.signal, async (model, status) => {
    loaded = true;
    const command = await describeRun(model, options, status);
    const progress = new EvaluationProgress(status, { quiet });
    return evaluate({
      folder: options.out,
      command,
      tasks,
      configurations,
      selection: { limit: options.limit ?? null, shard: options.shard ?? null },
      retryFailed: options.retryFailed === true,
      answer: answererHere(model, command),
      stop: signal,
      on: {
        picture: (...args) => progress.picture(...args),
        record: (record) => progress.record(record),
        repair: ({ line, bytes }) =>
          tell(
            `Note: the journal's last line (${line}) was not finished; ${bytes > 0 ? `${bytes} bytes cut off, its question is asked again` : "its end was added"}`,
          ),
        begin(total, known) {
          progress.begin(total, known);
          if (known > 0) tell(`${options.out}: goes on with ${known} of ${total} answers`);
        },
      },
    });
  });
  if (evaluation.stopped) throw signal.reason;
  await report(evaluation, options);
}

async function describeRun(
  model: LoadedModel,
  { model: name, device = "cpu", maxNewTokens, imageAspect, out }: EvalOptions,
  status: StatusLine,
): Promise<RunCommand> {
  status.show("Hashing the model's files ...");
  const known = await readRun(out);
  const { hash, files } = await hashModel(model.folder, known?.model.files);
  status.clear();
  return {
    words: process.argv.slice(2),
    versions: ownVersions(),
    machine: ownMachine(),
    model: { name, hash, files },
    prompt: promptKind(model.spec),
    generation: { maxNewTokens: maxNewTokens ?? null, imageAspect: imageAspect ?? null, device },
  };
}

function answererHere(model: LoadedModel, { prompt, generation }: RunCommand): Answerer {
  const { imageAspect } = generation;
  return (assignments, record, stop) =>
    answerHere(model, assignments, record, { prompt, imageAspect, stop, worker: null });
}

async function report({ scores, failed }: Evaluation, { out, json, quiet }: EvalOptions): Promise<void> {
  const text = json ? `${JSON.stringify(scores, null, 2)}\n` : formatScores(scores, widthOf(process.stdout));
  await write(process.stdout, text);
  if (failed > 0) {
    throw new PrumergeError("RUNTIME", "questions have no answer and count as wrong", {
      where: out,
      found: `${failed} that failed; journal.jsonl says why`,
      help: "Ask them again with --retry-failed",
    });
  }
  if (!quiet && !json) process.stderr.write(`${out}: journal, answers and scores\n`);
}
