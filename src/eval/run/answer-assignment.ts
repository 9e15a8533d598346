import type { AnswerResult } from "../../generate/answer-result.js";
import type { PixelValues } from "../../image/index.js";
import type { LoadedModel } from "../../model/model.js";
import { readsQuestion } from "../../reduce/index.js";
import { RememberedSight } from "../../see/remembered-sight.js";
import { defaultPositions } from "../../see/row-place.js";
import type { VisualTokens } from "../../see/visual-tokens.js";
import { openVideo } from "../../video/open-video.js";
import { isVideoFile } from "../task.js";
import type { AskedQuestion, Assignment, HashedPicture, ShownPictures } from "./assignment.js";
import { reducerFor } from "./configurations.js";
import { failureOf, refuseBrokenModel } from "./failure.js";
import { writeKeptPatches } from "./kept-patches.js";
import { refuseMissedBudget } from "./met-budget.js";
import type { MethodFinder } from "./own-methods.js";
import { type PromptKind, writePrompt } from "./prompt.js";
import type { JournalRecord } from "./run-folder.js";

/** A picture at the vision tower's size, and what that took. */
export interface PreparedPicture {
  readonly pixels: PixelValues;
  /** Milliseconds. */
  readonly prepare: number;
  /** What the vision graph gave for it, for the next configuration. */
  readonly sight: RememberedSight;
}

export interface AnsweringOptions {
  readonly prompt: PromptKind;
  readonly worker: string | null;
  /** Knows every configuration's method; default: the registry. */
  readonly find?: MethodFinder;
  /** Looked at between questions: the one under way is answered to its end. */
  readonly stop: AbortSignal;
  /** Called before each question, which waits for it. */
  readonly before?: (question: AskedQuestion) => Promise<unknown>;
}

/** Reads, decodes and resizes a picture, or the frames that the model is shown of a video. */
export async function preparePicture(
  model: LoadedModel,
  { source }: HashedPicture,
  { imageAspect, minPixels, maxPixels }: ShownPictures,
): Promise<PreparedPicture> {
  const start = performance.now();
  const image = isVideoFile(source)
    ? openVideo(source.path, { name: source.name })
    : "path" in source
      ? source.path
      : new File([source.bytes as BlobPart], source.name);
  const pixels = await model.prepare(image, {
    ...(imageAspect !== null && { imageAspect }),
    ...(minPixels !== undefined && { minPixels }),
    ...(maxPixels !== undefined && { maxPixels }),
  });
  return { pixels, prepare: performance.now() - start, sight: new RememberedSight() };
}

/**
 * Answers the questions of an assignment one after another, greedily. Each answer is the same to the bit whatever was
 * asked before it, so that a run may be interrupted anywhere.
 *
 * @param picture null where the assignment has none; a rejected promise fails all its questions
 * @throws what is no fault of a question: see {@link failureOf} and {@link refuseBrokenModel}
 */
export async function* answerAssignment(
  model: LoadedModel,
  assignment: Assignment,
  picture: Promise<PreparedPicture> | null,
  options: AnsweringOptions,
): AsyncGenerator<JournalRecord> {
  for (const part of seenTogether(assignment, options.find)) yield* answerPart(model, part, picture, options);
}

/** Questions for which the picture is seen once: each by itself where the method reads it. */
function seenTogether(assignment: Assignment, find?: MethodFinder): readonly Assignment[] {
  const { configuration, picture, questions } = assignment;
  if (picture === null || !readsQuestion(reducerFor(configuration, picture.sha256, find)))
    return [assignment];
  return questions.map((question) => ({ ...assignment, questions: [question] }));
}

async function* answerPart(
  model: LoadedModel,
  assignment: Assignment,
  picture: Promise<PreparedPicture> | null,
  options: AnsweringOptions,
): AsyncGenerator<JournalRecord> {
  const { questions } = assignment;
  if (options.stop.aborted) return;
  let seen: Seen | null;
  try {
    seen = await see(model, assignment, picture, options.find);
  } catch (error) {
    await refuseBrokenModel(model, error);
    for (const question of questions)
      yield { ...subject(assignment, question, options.worker), ...failureOf(error) };
    return;
  }
  for (const question of questions) {
    if (options.stop.aborted) return;
    await options.before?.(question);
    const about = subject(assignment, question, options.worker);
    try {
      const asked = writePrompt(options.prompt, question.text, seen !== null);
      const { maxNewTokens } = question;
      const { result } = model.answer(seen?.tokens ?? null, asked, { maxNewTokens, reusePrefix: "pictures" });
      yield { ...about, ...answerOf(await result, seen) };
    } catch (error) {
      await refuseBrokenModel(model, error);
      yield { ...about, ...failureOf(error) };
    }
  }
}

interface Seen {
  readonly tokens: VisualTokens;
  readonly prepare: number;
}

async function see(
  model: LoadedModel,
  { configuration, picture, questions }: Assignment,
  prepared: Promise<PreparedPicture> | null,
  find: MethodFinder | undefined,
): Promise<Seen | null> {
  if (picture === null || prepared === null) return null;
  const { pixels, prepare, sight } = await prepared;
  // Said outright: some models have others by themselves. Where nothing is left out, rows stand where they would anyway.
  const positions =
    configuration.budget.kind === "all" ? undefined : (configuration.positions ?? defaultPositions);
  const reducer = reducerFor(configuration, picture.sha256, find);
  // What several questions share is seen without any.
  const question = readsQuestion(reducer) ? questions[0]!.text : undefined;
  const tokens = await model.see(pixels, reducer, {
    sight,
    ...(positions && { positions }),
    ...(question !== undefined && { question }),
  });
  const had = { visualTokens: tokens.embeddings.rows, patches: tokens.plan.patches };
  refuseMissedBudget(configuration, had, picture.source.name);
  return { tokens, prepare };
}

/** What every record of a question holds, however it went. */
export function subject(
  { task, configuration, picture }: Assignment,
  { key, id }: AskedQuestion,
  worker: string | null,
) {
  return {
    key,
    task,
    configuration: configuration.name,
    id,
    picture: picture && { name: picture.source.name, sha256: picture.sha256 },
    worker,
  };
}

function answerOf(result: AnswerResult, seen: Seen | null) {
  const { text, finishReason, visualTokens, promptTokens, reusedTokens, keyValueBytes, timings } = result;
  return {
    kind: "answer" as const,
    text,
    finishReason: finishReason === "length" ? finishReason : ("stop" as const),
    visualTokens,
    unreducedTokens: seen?.tokens.statistics.unreducedTokens ?? 0,
    promptTokens,
    reusedTokens,
    ...(result.missingPositions !== undefined && { missingPositions: result.missingPositions }),
    newTokens: result.tokenIds.length,
    keyValueBytes,
    kept: seen && writeKeptPatches(seen.tokens.plan, seen.tokens.sites),
    timings: {
      prepare: rounded(seen?.prepare ?? 0),
      encode: rounded(timings.encode),
      prefill: rounded(timings.prefill),
      firstToken: rounded(timings.firstToken),
      perToken: timings.perToken === undefined ? null : rounded(timings.perToken),
      total: rounded(timings.total),
      wait: rounded(timings.encodeWait + timings.totalWait),
    },
    residentBytes: process.memoryUsage.rss(),
  };
}

/** To the microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
