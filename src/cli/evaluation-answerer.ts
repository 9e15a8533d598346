import { hostname } from "node:os";
import { resolve } from "node:path";
import { answerByWorkers } from "../eval/queue/answer-by-workers.js";
import { connectRedis } from "../eval/queue/connection.js";
import { queueName } from "../eval/queue/queue-name.js";
import { answerHere } from "../eval/run/answer-here.js";
import type { Answerer } from "../eval/run/evaluate.js";
import { ownMachine, ownVersions } from "../eval/run/machine.js";
import { hashModel } from "../eval/run/model-files.js";
import type { MethodFinder } from "../eval/run/own-methods.js";
import { promptKind } from "../eval/run/prompt.js";
import { readRun } from "../eval/run/read-run.js";
import type { RunCommand } from "../eval/run/run-record.js";
import { checkShown } from "../image/preprocess.js";
import { describeFolder } from "../model/describe-folder.js";
import { findFolder } from "../model/find-folder.js";
import type { LoadedModel } from "../model/model.js";
import { otherForms } from "../models/language-forms.js";
import { bundledModel } from "../models/names.js";
import type { ModelSpec } from "../models/spec.js";
import { areaOf } from "../see/choose-aspect.js";
import { defaultPositions } from "../see/row-place.js";
import { croppingNote } from "./cropping-note.js";
import type { EvalOptions } from "./evaluation-options.js";
import { untilLoaded } from "./interrupt.js";
import { withModel } from "./open-model.js";
import { StatusLine } from "./status-line.js";

/** Who answers a run's questions, and what is to be said of the model. */
export interface Setting {
  readonly command: RunCommand;
  readonly answer: Answerer;
  readonly status: StatusLine;
  readonly spec: ModelSpec;
}

/**
 * Loads the model, or connects to the queue, and does the work with that; everything is closed afterwards.
 *
 * @param find knows the methods of all configurations
 */
export async function withAnswerer<T>(
  options: EvalOptions,
  signal: AbortSignal,
  tell: (text: string) => void,
  find: MethodFinder,
  work: (setting: Setting) => Promise<T>,
): Promise<T> {
  return options.queue === undefined
    ? answerWithModel(options, signal, tell, find, work)
    : answerThroughQueue(options, options.queue, signal, tell, work);
}

async function answerWithModel<T>(
  options: EvalOptions,
  signal: AbortSignal,
  tell: (text: string) => void,
  find: MethodFinder,
  work: (setting: Setting) => Promise<T>,
): Promise<T> {
  // The run ends by itself between two answers: only the loading of the model is cut short.
  const loading = untilLoaded(signal);
  return withModel(options, loading.signal, async (model, status) => {
    loading.done();
    tellOfCropping(model, options, tell);
    for (const positions of options.positions) await model.checkPositions(positions);
    if (model.defaultPositions !== defaultPositions && !options.positions.includes(model.defaultPositions))
      tell(
        `Note: this model's rows stand at ${model.defaultPositions} positions where nothing is said; here ${options.positions.join(", ")}`,
      );
    const command = await describeRun(model, options, status);
    const { prompt, generation } = command;
    const { imageAspect, ...area } = generation;
    const shown = { imageAspect, ...areaOf(area) };
    const answer: Answerer = (assignments, record, stop) =>
      answerHere(model, assignments, record, { prompt, ...shown, stop, worker: null, find });
    return work({ command, answer, status, spec: model.spec });
  });
}

async function answerThroughQueue<T>(
  options: EvalOptions,
  url: string,
  signal: AbortSignal,
  tell: (text: string) => void,
  work: (setting: Setting) => Promise<T>,
): Promise<T> {
  const status = new StatusLine({ quiet: options.quiet || options.json });
  const link = await connectRedis(url, tell);
  try {
    const start = performance.now();
    const folder = await findFolder(options.model ?? bundledModel, {
      signal,
      onDownload: ({ file, bytes, total }) =>
        status.progress(`Downloading ${file}`, bytes, total, (performance.now() - start) / 1000),
    });
    status.clear();
    const description = await describeFolder(folder);
    tellOfCropping(description, options, tell);
    const command = await describeRun(description, options, status);
    const { model, versions, prompt, generation } = command;
    const { maxNewTokens: _, ...decisive } = generation;
    const announcement = {
      queue: queueName(options.out),
      title: `${resolve(options.out)} on ${hostname()}`,
      modelName: model.name,
      conditions: {
        model: model.hash,
        versions: { prumerge: versions.prumerge, onnxruntime: versions.onnxruntime },
        prompt,
        ...decisive,
      },
    };
    const data = resolve(options.data);
    const answer: Answerer = (assignments, record, stop) =>
      answerByWorkers(assignments, record, stop, { redis: link.redis, announcement, data, tell });
    return await work({ command, answer, status, spec: description.spec });
  } finally {
    status.clear();
    link.close();
  }
}

function tellOfCropping(
  model: Parameters<typeof croppingNote>[0],
  { imageAspect }: EvalOptions,
  tell: (text: string) => void,
): void {
  const note = croppingNote(model, imageAspect);
  if (note !== undefined) tell(note);
}

async function describeRun(
  { folder, spec, preprocessing }: Pick<LoadedModel, "folder" | "spec" | "preprocessing">,
  options: EvalOptions,
  status: StatusLine,
): Promise<RunCommand> {
  const { model: name = bundledModel, device = "cpu", maxNewTokens, imageAspect, out } = options;
  const area = areaOf(options);
  checkShown(preprocessing, area); // refused once, and not by every question
  status.show("Hashing the model's files ...");
  const known = await readRun(out);
  const { hash, files } = await hashModel(folder, known?.model.files);
  status.clear();
  return {
    words: process.argv.slice(2),
    versions: ownVersions(),
    machine: ownMachine(),
    model: { name, hash, files },
    prompt: promptKind(spec),
    generation: {
      maxNewTokens: maxNewTokens ?? null,
      imageAspect: imageAspect ?? null,
      ...area,
      device,
      ...otherForms(options),
    },
  };
}
