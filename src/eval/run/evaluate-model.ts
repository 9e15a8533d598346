import { resolve } from "node:path";
import type { Aspect } from "../../image/preprocess-spec.js";
import type { LoadedModel } from "../../model/model.js";
import { areaOf } from "../../see/choose-aspect.js";
import type { TaskOptions } from "../task.js";
import { taskFolder } from "../task-folder.js";
import { findTask } from "../tasks/registry.js";
import { answerHere } from "./answer-here.js";
import { type Evaluation, type EvaluationEvents, evaluate } from "./evaluate.js";
import { ownMachine, ownVersions } from "./machine.js";
import { hashModel } from "./model-files.js";
import { methodFinder, type OwnMethod } from "./own-methods.js";
import type { RunnableTask } from "./plan-assignments.js";
import { promptKind } from "./prompt.js";
import { readRun } from "./read-run.js";
import { refuseVideos } from "./refuse-videos.js";
import type { Configuration } from "./run-folder.js";

/** What a program asks of a model, as `prumerge eval` does of the command line. */
export interface ModelEvaluation {
  readonly model: LoadedModel;
  /** What it was loaded on, for the record: answers of another device are others. Default `cpu`. */
  readonly device?: string;
  /** Folder of the benchmarks, with one for each task, or of the one task. */
  readonly data: string;
  /** Names of tasks, each with the rules that it is scored by. */
  readonly tasks: readonly { readonly name: string; readonly rules?: TaskOptions }[];
  readonly configurations: readonly Configuration[];
  /** Methods of modules that configurations name. */
  readonly own?: readonly OwnMethod[];
  /** The run's folder: an unfinished run goes on. */
  readonly out: string;
  /** About so many questions of each task, spread evenly; default: all. */
  readonly limit?: number;
  /** Longest answers, tokens; default: the task's. */
  readonly maxNewTokens?: number;
  readonly imageAspect?: Aspect;
  /** Of a model that takes pictures of any size: the fewest and the most pixels that one is brought to. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
  readonly skipMissing?: boolean;
  readonly retryFailed?: boolean;
  /** Ends the run after the answers under way. */
  readonly signal?: AbortSignal;
  readonly on?: EvaluationEvents;
}

/**
 * Evaluates a loaded model: `prumerge eval` for programs. The folder can be reported on and continued by either.
 *
 * @throws PrumergeError as `prumerge eval`: INVALID_OPTION for a folder of another run, NOT_FOUND for missing files or pictures,
 * INVALID_FILE, RUNTIME where the model is broken
 * @example
 * ```ts
 * const model = await loadModel();
 * const own = await loadOwnMethods("./mine.js");
 * const { configurations } = planConfigurations(["none", "mine", "random"], [{ kind: "exact", rows: 64 }], [1, 2, 3], undefined, {}, own);
 * const { scores } = await evaluateModel({ model, data: "benchmarks/pocket", tasks: [{ name: "pope" }], configurations, own, out: "run" });
 * ```
 */
export async function evaluateModel(options: ModelEvaluation): Promise<Evaluation> {
  const {
    model,
    out,
    own = [],
    imageAspect = null,
    maxNewTokens = null,
    limit = null,
    device = "cpu",
  } = options;
  const area = areaOf(options);
  model.imageAspectFor(area); // refused once, and not by every question
  const shown = { imageAspect, ...area };
  const { hash, files } = await hashModel(model.folder, (await readRun(out))?.model.files);
  const prompt = promptKind(model.spec);
  const find = methodFinder(own);
  const tasks = await Promise.all(options.tasks.map((task) => loadTask(task, options.data)));
  refuseVideos(tasks, model.videoSampling !== undefined);
  return evaluate({
    folder: out,
    command: {
      words: ["(a program)"],
      versions: ownVersions(),
      machine: ownMachine(),
      model: { name: model.folder, hash, files },
      prompt,
      generation: { maxNewTokens, ...shown, device, ...model.otherForms },
    },
    tasks,
    configurations: options.configurations,
    selection: { limit, shard: null },
    retryFailed: options.retryFailed === true,
    skipMissing: options.skipMissing === true,
    answer: (assignments, record, stop) =>
      answerHere(model, assignments, record, { prompt, ...shown, stop, worker: null, find }),
    stop: options.signal ?? new AbortController().signal,
    ...(options.on && { on: options.on }),
  });
}

async function loadTask(
  { name, rules = {} }: ModelEvaluation["tasks"][number],
  data: string,
): Promise<RunnableTask> {
  const task = findTask(name);
  const folder = resolve(await taskFolder(data, task));
  return { task, loaded: await task.load(folder, rules), data: folder, options: { ...rules } };
}
