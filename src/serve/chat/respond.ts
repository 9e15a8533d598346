import type { BackendResult } from "../backend/backend.js";
import { errorBody, toApiError } from "../http/error-answer.js";
import type { RequestScope } from "../http/scope.js";
import { describeFailure } from "../log.js";
import type { Warmth } from "../metrics.js";
import type { AnswerReport } from "../schema/chat-answer.js";
import type { ChatRequest } from "../schema/chat-request.js";
import type { Services } from "../services.js";
import { AnswerChunks, answerHead, answerReport, wholeAnswer } from "./answer-body.js";
import type { StartedAnswer } from "./start-chat.js";

/** Called when the language model has ended: counts, and makes the report that the answer carries. */
function conclude(
  services: Services,
  { pictures, preparation }: StartedAnswer,
  result: BackendResult,
  scope: RequestScope,
): AnswerReport {
  const report = answerReport(result, pictures, preparation, performance.now() - scope.start);
  const warmth: Warmth =
    pictures.length === 0 ? "none" : pictures.every(({ remembered }) => remembered) ? "warm" : "cold";
  services.health.worked();
  const { first_token_ms, first_token_wait_ms } = report.timings;
  services.metrics.answer(result, warmth, preparation.queue, first_token_ms, first_token_wait_ms);
  scope.notes.promptTokens = result.promptTokens;
  scope.notes.completionTokens = result.completionTokens;
  scope.notes.cachedTokens = result.cachedTokens;
  return report;
}

/** The whole answer in one body. */
export async function answerAtOnce(
  services: Services,
  started: StartedAnswer,
  scope: RequestScope,
): Promise<Response> {
  const result = await started.answer.result;
  const report = conclude(services, started, result, scope);
  return Response.json(wholeAnswer(answerHead(services.modelName), result, report));
}

/**
 * The answer as server-sent events. The first words are waited for, so that what fails before them has a status of its
 * own.
 */
export async function answerInPieces(
  services: Services,
  request: ChatRequest,
  started: StartedAnswer,
  scope: RequestScope,
): Promise<Response> {
  const texts = started.answer.texts[Symbol.asyncIterator]();
  const first = await texts.next();
  if (first.done) await started.answer.result; // one that was ended says nothing and fails, one without a word is done
  const chunks = new AnswerChunks(
    answerHead(services.modelName),
    request.stream_options?.include_usage ?? false,
  );
  const events = writeEvents(first, texts, chunks, services, started, scope);
  return new Response(toStream(events), {
    headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache" },
  });
}

async function* writeEvents(
  first: IteratorResult<string>,
  texts: AsyncIterator<string>,
  chunks: AnswerChunks,
  services: Services,
  started: StartedAnswer,
  scope: RequestScope,
): AsyncGenerator<string> {
  try {
    // What is there at the same time goes out in one write: each is a system call.
    yield event(chunks.first()) + (first.done ? "" : event(chunks.text(first.value)));
    for (let next = await texts.next(); !next.done; next = await texts.next()) {
      yield event(chunks.text(next.value));
    }
    const result = await started.answer.result;
    const last = event(chunks.last(result, conclude(services, started, result, scope)));
    const usage = chunks.usage(result);
    yield `${last}${usage === undefined ? "" : event(usage)}data: [DONE]\n\n`;
  } catch (error) {
    // The status has gone out already: clients take an event with `error` for a failure.
    services.health.failed(error);
    services.log.warn({ id: scope.id, ...describeFailure(error) }, "an answer ended early");
    yield event(errorBody(toApiError(error)));
  } finally {
    await texts.return?.();
  }
}

function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** Writes what is asked for, so that a slow reader holds up nobody but itself. */
function toStream(events: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await events.return(undefined);
    },
  });
}
