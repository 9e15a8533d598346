import { createHash } from "node:crypto";
import { decodePicture } from "../../image/index.js";
import type { LoadedModel } from "../../model/model.js";
import type { SeeOptions } from "../../model/see-options.js";
import { formatBudget, type Reducer, readsQuestion } from "../../reduce/index.js";
import { defaultPositions, type Positions } from "../../see/row-place.js";
import type { WatchedVideo } from "../../see/visual-tokens.js";
import type { ServerLimits } from "../limits.js";
import type { PictureReport } from "../schema/reduction.js";
import {
  type FetchPicture,
  type MediaKind,
  type PictureReference,
  readPictureBytes,
} from "./picture-reader.js";
import type { ReductionDefaults } from "./reducer-request.js";
import type { Remembered, SeenMemory, SeenPicture } from "./seen-memory.js";
import { watchBytes } from "./watch-bytes.js";

/** What turning a request's pictures into visual tokens needs. */
export interface Sight extends ReductionDefaults {
  readonly model: Pick<LoadedModel, "see">;
  /** Of requests that name none. */
  readonly defaultPositions: Positions;
  readonly memory: SeenMemory;
  readonly limits: ServerLimits;
  readonly fetchPicture: FetchPicture | undefined;
}

export interface SeeRequest {
  readonly reducer: Reducer;
  readonly imageAspect: SeeOptions["imageAspect"];
  /** Of models that take pictures of any size. */
  readonly area?: Pick<SeeOptions, "minPixels" | "maxPixels">;
  /** Of videos. */
  readonly sampling?: SeeOptions["sampling"];
  /** Default: one after another. */
  readonly positions?: Positions;
  /** What is asked about the picture, for reducers that read it. */
  readonly question?: string | undefined;
  /** False where the language model is elsewhere and takes rows alone. Default true. */
  readonly bias?: boolean;
  /** Use what is remembered, and remember. */
  readonly remember: boolean;
  readonly signals?: boolean;
}

/** One picture's visual tokens, out of memory or made now. */
export async function seePicture(
  sight: Sight,
  reference: PictureReference,
  request: SeeRequest,
  signal: AbortSignal,
): Promise<Remembered> {
  const bytes = await readPictureBytes(reference, sight.limits, sight.fetchPicture, signal);
  return seeBytes(sight, bytes, request, signal, reference.kind);
}

/** The same of a file's bytes. */
export async function seeBytes(
  sight: Sight,
  bytes: Uint8Array,
  request: SeeRequest,
  signal: AbortSignal,
  kind: MediaKind = "picture",
): Promise<Remembered> {
  const encode = (until: AbortSignal) => encodePicture(sight, bytes, request, until, kind);
  if (!request.remember) return { ...(await encode(signal)), remembered: false };
  return sight.memory.get(keyOf(bytes, request, kind), signal, encode);
}

/** What a picture became, for the answer. */
export function reportPicture({ tokens, remembered }: Remembered): PictureReport {
  const {
    method,
    budget,
    options,
    positions,
    unreducedTokens,
    visualTokens,
    views = [],
    encodeMilliseconds,
    waitMilliseconds = 0,
    ...bytes
  } = tokens.statistics;
  return {
    method,
    budget: formatBudget(budget),
    options: { ...options },
    ...(positions !== undefined && { positions }),
    ...(tokens.question !== undefined && { question: tokens.question }),
    unreduced_tokens: unreducedTokens,
    visual_tokens: visualTokens,
    ...(views.length > 1 && {
      views: views.map(({ patches, visualTokens }) => ({ patches, visual_tokens: visualTokens })),
    }),
    ...(tokens.video !== undefined && { video: reportVideo(tokens.video) }),
    remembered,
    encode_ms: encodeMilliseconds,
    encode_wait_ms: waitMilliseconds,
    key_value_bytes: bytes.keyValueBytes,
    unreduced_key_value_bytes: bytes.unreducedKeyValueBytes,
  };
}

function reportVideo({ indices, seconds, total, notes }: WatchedVideo): NonNullable<PictureReport["video"]> {
  return { indices: [...indices], ...(seconds && { seconds: [...seconds] }), total, notes: [...notes] };
}

async function encodePicture(
  { model, limits }: Sight,
  bytes: Uint8Array,
  request: SeeRequest,
  signal: AbortSignal,
  kind: MediaKind,
): Promise<SeenPicture> {
  const { reducer, imageAspect, area, sampling = {}, positions, bias = true, signals = false } = request;
  const question = questionThatMatters(request);
  const options = {
    signal,
    signals,
    bias,
    ...(imageAspect && { imageAspect }),
    ...area,
    ...(positions && { positions }),
    ...(question !== undefined && { question }),
  };
  if (kind === "video") return watchBytes(model, bytes, reducer, { ...options, sampling }, limits);
  const { pictureBytes, picturePixels } = limits;
  const picture = await decodePicture(bytes, { maxBytes: pictureBytes, maxPixels: picturePixels, signal });
  const tokens = await model.see(picture, reducer, options);
  return { tokens, width: picture.width, height: picture.height };
}

/** What was asked, where the picture becomes something else for another question. */
function questionThatMatters({ reducer, question, signals = false }: SeeRequest): string | undefined {
  return signals || readsQuestion(reducer) ? question : undefined;
}

/** Of the file's bytes, and of everything that decides what they become. */
function keyOf(bytes: Uint8Array, request: SeeRequest, kind: MediaKind): string {
  const { reducer, imageAspect, area, positions = defaultPositions, bias = true, signals = false } = request;
  const question = questionThatMatters(request) ?? null;
  const { method, budget, options } = reducer;
  const reduction = [method, formatBudget(budget), Object.entries(options).sort()];
  const { minPixels = null, maxPixels = null } = area ?? {};
  const frames = kind === "video" ? Object.entries(request.sampling ?? {}).sort() : null;
  const way = [imageAspect ?? null, minPixels, maxPixels, frames];
  const settings = JSON.stringify([...reduction, ...way, positions, bias, signals, question]);
  return createHash("sha256").update(settings).update("\0").update(bytes).digest("base64");
}
