import { questionText } from "../../generate/question-text.js";
import { readsQuestion } from "../../reduce/index.js";
import { defaultPositions } from "../../see/row-place.js";
import type { BackendAnswer } from "../backend/backend.js";
import type { Slot } from "../gate.js";
import { ApiError } from "../http/api-error.js";
import type { RequestScope } from "../http/scope.js";
import type { PictureReference } from "../pictures/picture-reader.js";
import { requestedArea, requestedAspect, requestedFrames } from "../pictures/picture-way.js";
import { requestedReducer } from "../pictures/reducer-request.js";
import { refuseVideo } from "../pictures/refuse-video.js";
import { reportPicture, type SeeRequest, seePicture } from "../pictures/see-pictures.js";
import type { Remembered } from "../pictures/seen-memory.js";
import type { ChatRequest } from "../schema/chat-request.js";
import type { PictureReport } from "../schema/reduction.js";
import type { Services } from "../services.js";
import type { Preparation } from "./answer-body.js";
import { type Conversation, readConversation } from "./conversation.js";
import { type RequestedSampling, requestedSampling } from "./requested-sampling.js";

/** An answer that has begun. */
export interface StartedAnswer {
  readonly answer: BackendAnswer;
  readonly pictures: readonly PictureReport[];
  readonly preparation: Preparation;
}

/**
 * Waits for a slot, sees the pictures and starts the answer; the slot is given back when the answer has ended, however
 * that comes about.
 */
export async function startChat(
  services: Services,
  request: ChatRequest,
  scope: RequestScope,
): Promise<StartedAnswer> {
  const conversation = readConversation(request.messages, services.limits);
  const see = {
    reducer: requestedReducer(request.prumerge ?? {}, services.sight),
    area: requestedArea(request.prumerge ?? {}),
    sampling: requestedFrames(request.prumerge ?? {}),
    positions: request.prumerge?.positions ?? services.sight.defaultPositions,
    question: questionText(conversation.messages),
    bias: services.backend.kind === "local",
    remember: request.prumerge?.remember ?? true,
  };
  refusePositions(services, see);
  if (conversation.pictures.length > 0) refuseMissingQuestion(see);
  for (const reference of conversation.pictures)
    if (reference.kind === "video") refuseVideo(services.model, reference);
  const pictures = conversation.pictures.map((reference) => {
    const count = conversation.pictures.length;
    return {
      reference,
      imageAspect: requestedAspect(services.model, request.prumerge ?? {}, reference, count),
    };
  });
  const sampling = requestedSampling(request, services.model.spec.language.vocabularySize);
  const slot = await services.gate.acquire(scope.signal);
  try {
    return await begin(services, sampling, conversation.messages, pictures, see, scope, slot);
  } catch (error) {
    slot.release();
    throw error;
  }
}

/** Before a picture is encoded for nothing. */
function refusePositions(
  { backend }: Services,
  { positions = defaultPositions }: Pick<SeeRequest, "positions">,
): void {
  if (backend.kind === "local" || positions === defaultPositions) return;
  throw new ApiError(
    400,
    `This server's backend numbers rows one after another and takes no ${positions} positions.`,
    { code: "backend_positions", param: "prumerge.positions" },
  );
}

/** Before a picture is fetched for nothing. */
function refuseMissingQuestion({ reducer, question = "" }: Pick<SeeRequest, "reducer" | "question">): void {
  if (!readsQuestion(reducer) || question.trim() !== "") return;
  throw new ApiError(
    400,
    `The method ${reducer.method} reads the question, and the last message holds no text.`,
    { code: "question_missing", param: "messages" },
  );
}

/** A picture, and how it becomes squares. */
interface PictureRequest {
  readonly reference: PictureReference;
  readonly imageAspect: SeeRequest["imageAspect"];
}

async function begin(
  services: Services,
  sampling: RequestedSampling,
  messages: Conversation["messages"],
  pictures: readonly PictureRequest[],
  see: Omit<SeeRequest, "imageAspect">,
  scope: RequestScope,
  slot: Slot,
): Promise<StartedAnswer> {
  const began = performance.now();
  const seen: Remembered[] = [];
  for (const { reference, imageAspect } of pictures) {
    const one = await seePicture(services.sight, reference, { ...see, imageAspect }, scope.signal);
    services.metrics.picture(one);
    seen.push(one);
  }
  const now = performance.now();
  const answer = services.backend.answer(
    {
      messages,
      pictures: seen.map(({ tokens }) => tokens),
      addSpecialTokens: services.model.addsSpecialTokens,
      imageToken: services.model.imageToken,
      reuse: see.remember,
      ...sampling,
    },
    scope.signal,
  );
  answer.result.finally(() => slot.release()).catch(() => undefined);
  return {
    answer,
    pictures: seen.map(reportPicture),
    preparation: {
      ...{ queue: slot.waited, pictures: now - began, before: now - scope.start },
      waiting: seen.reduce(
        (sum, { tokens, remembered }) => sum + (remembered ? 0 : (tokens.statistics.waitMilliseconds ?? 0)),
        0,
      ),
    },
  };
}
