import { type LanguageModelSpec, rowWidth } from "../models/spec.js";
import type { Engine } from "../runtime/engine.js";
import { keyValueBytesPerToken } from "../see/key-value-bytes.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { WorkClock } from "../see/work-clock.js";
import { unlessAborted } from "./aborted.js";
import type { AnswerOptions } from "./answer-options.js";
import type { AnswerResult } from "./answer-result.js";
import { AnswerText } from "./answer-text.js";
import type { ChatTemplate } from "./chat-template.js";
import { checkPictures, checkQuestion, checkReuse } from "./check-arguments.js";
import { newTokenLimit } from "./context.js";
import { fitPositions } from "./fit-positions.js";
import { generate } from "./generate.js";
import { placePictures, type Question } from "./messages.js";
import type { PrefixLease, PrefixPool } from "./prefix-reuse.js";
import {
  countTokens,
  type PromptTokenizer,
  type PromptUnit,
  promptPlaces,
  promptRows,
  splice,
} from "./prompt.js";
import { createSampler, type SamplingSettings, samplingSettings } from "./sampling.js";
import type { TextQueue } from "./text-queue.js";
import { withVideoPlaces } from "./video-places.js";
import { type WrittenPrompt, writeConversation } from "./write-prompt.js";

/** What an answer needs of a loaded model. */
export interface AnswerContext {
  readonly engine: Engine;
  readonly prefixes: PrefixPool;
  readonly language: LanguageModelSpec;
  readonly prompts: PromptTokenizer;
  readonly template: ChatTemplate;
  readonly endIds: ReadonlySet<number>;
  /** Ids that are never generated. Default: none. */
  readonly suppressedIds?: readonly number[];
  readonly suggestedNewTokens: number | undefined;
}

/** The whole of one answer: prompt, context check, prefill, decode; its text goes into the queue as it comes. */
export async function runAnswer(
  context: AnswerContext,
  pictures: readonly VisualTokens[],
  question: Question,
  options: AnswerOptions,
  signal: AbortSignal,
  queue: TextQueue,
): Promise<AnswerResult> {
  const clock = new WorkClock();
  checkPictures(pictures, rowWidth(context.language));
  checkQuestion(question);
  checkReuse(options.reusePrefix);
  const sampling = samplingSettings(options);
  const { text: prompt, prompts } = writePrompt(context, pictures, question);
  const asked = splice(prompt, pictures, prompts);
  const promptTokens = countTokens(asked);
  const wished = newTokenLimit(
    options.maxNewTokens,
    context.suggestedNewTokens,
    promptTokens,
    context.language.context,
    options.limits,
  );
  const least = options.maxNewTokens ?? 1;
  const { units, positions, missing } = fitPositions(asked, context.language.context, least, wished);
  const maxNewTokens = Math.min(wished, context.language.context - positions);
  const text = new AnswerText(context.prompts.tokenizer, options.stop ?? [], queue);
  const logits: Float32Array[] = [];
  const { engine, prefixes, endIds } = context;
  const mode = options.reusePrefix ?? true;
  const reuse = mode !== false && keysStayValid(context.language, positions + maxNewTokens);
  const boundary = mode === "pictures" ? unitsThroughPictures(units) : undefined;
  let lease = await clock.during(prefixes.acquire(units, reuse, boundary));
  let held: readonly PromptUnit[] | undefined;
  try {
    const prefix = (await unlessAborted(
      fillPrefix(engine, lease, units, boundary, signal, clock),
      signal,
    )) ?? {
      units: lease.reusedUnits,
      milliseconds: 0,
    };
    if (prefix.milliseconds > 0) lease = await clock.during(prefixes.settle(lease));
    const rows = await unlessAborted(promptRows(engine, units.slice(prefix.units), signal, clock), signal);
    const run = await generate({
      engine,
      cache: lease.cache,
      rows: rows ?? [], // aborted: none are fed
      places: promptPlaces(units, prefix.units),
      sampler: createSampler(sampling, promptIds(units, context.prompts.imageTokenId), context.suppressedIds),
      endIds,
      maxNewTokens,
      signal,
      clock,
      onPrefilled: () => prefixes.filled(lease, units),
      onToken(id, before) {
        if (options.keepLogits) logits.push(before);
        return text.push(id);
      },
    });
    held = run.prefilled ? [...units, ...run.ids.slice(0, run.cachedIds)] : units.slice(0, prefix.units);
    text.finish();
    const after = run.ids.length - 1;
    return {
      text: text.whole,
      tokenIds: run.ids,
      finishReason: run.finishReason,
      promptTokens,
      visualTokens: pictures.reduce((sum, picture) => sum + picture.embeddings.rows, 0),
      ...(missing > 0 && { missingPositions: missing }),
      reusedTokens: lease.reusedTokens,
      keyValueBytes: promptTokens * keyValueBytesPerToken(context.language, engine.cacheForm),
      ...(engine.prefillDtype && { prefillDtype: engine.prefillDtype }),
      seed: usedSeed(sampling),
      timings: {
        encode: pictures.reduce((sum, picture) => sum + picture.statistics.encodeMilliseconds, 0),
        prefill: prefix.milliseconds + run.prefillMilliseconds,
        firstToken: run.firstToken.worked,
        perToken: after > 0 ? run.decodeMilliseconds / after : undefined,
        total: clock.worked,
        encodeWait: pictures.reduce((sum, { statistics }) => sum + (statistics.waitMilliseconds ?? 0), 0),
        firstTokenWait: run.firstToken.waited,
        totalWait: clock.waited,
      },
      ...(options.keepLogits && { logits }),
    };
  } finally {
    await prefixes.release(lease, held);
  }
}

/** How many units a prompt has through its last picture; 0 without pictures. */
function unitsThroughPictures(units: readonly PromptUnit[]): number {
  return units.findLastIndex((unit) => typeof unit !== "number") + 1;
}

/** Runs the part of the prompt before `boundary`, where there is one and the cache does not hold it. */
async function fillPrefix(
  engine: Engine,
  { cache, reusedUnits }: PrefixLease,
  units: readonly PromptUnit[],
  boundary: number | undefined,
  signal: AbortSignal,
  clock: WorkClock,
): Promise<{ readonly units: number; readonly milliseconds: number }> {
  if (boundary === undefined || boundary <= reusedUnits) return { units: reusedUnits, milliseconds: 0 };
  const part = units.slice(0, boundary);
  const rows = await promptRows(engine, part, signal, clock);
  const { next: _, ...places } = promptPlaces(part, 0);
  const { milliseconds } = await clock.during(engine.forward(cache, rows, places, signal));
  return { units: boundary, milliseconds };
}

function writePrompt(
  { template, prompts }: AnswerContext,
  pictures: readonly VisualTokens[],
  question: Question,
): WrittenPrompt {
  if (typeof question === "object" && "prompt" in question)
    return { text: withVideoPlaces(question.prompt, pictures, prompts.imageToken), prompts };
  return writeConversation(template, placePictures(question, pictures.length, prompts.imageToken), prompts);
}

function promptIds(units: readonly PromptUnit[], imageTokenId: number): number[] {
  return units.map((unit) => (typeof unit === "number" ? unit : imageTokenId));
}

/** Dynamic rope turns earlier keys by the largest position of the whole sequence once that leaves the trained context. */
function keysStayValid({ rope }: LanguageModelSpec, positions: number): boolean {
  return rope.kind !== "dynamic" || positions <= rope.originalContext;
}

function usedSeed({ temperature, seed }: SamplingSettings): number | undefined {
  return temperature === 0 ? undefined : seed;
}
