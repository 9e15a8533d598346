import { isUnknownPlan, readsQuestion } from "../../reduce/index.js";
import type { Region } from "../../reduce/sites.js";
import type { RowPlace } from "../../see/row-place.js";
import type { Matrix } from "../../tensor/matrix.js";
import { encodeNpy } from "../../tensor/npy.js";
import {
  type Inspection,
  inspectionJson,
  inspectTokens,
  inspectVideo,
  pictureUri,
} from "../../view/index.js";
import { ApiError } from "../http/api-error.js";
import type { RequestScope } from "../http/scope.js";
import type { VisualTokensAnswer, VisualTokensRequest } from "../schema/visual-tokens.js";
import type { Services } from "../services.js";
import { type PictureReference, readPictureBytes } from "./picture-reader.js";
import { requestedArea, requestedAspect, requestedFrames } from "./picture-way.js";
import { requestedReducer } from "./reducer-request.js";
import { refuseVideo } from "./refuse-video.js";
import { reportPicture, type SeeRequest, seeBytes } from "./see-pictures.js";
import type { Remembered } from "./seen-memory.js";
import { videoWithin } from "./watch-bytes.js";

/** What a request was answered about. */
export interface SeenRequest extends Remembered {
  /** Of a video, each frame that was seen, as a `data:` URL; only where asked for. */
  readonly framePictures?: readonly string[];
}

/** Sees the picture or video of a request, in a slot of its own. */
export async function seeRequested(
  { model, sight, gate, metrics }: Services,
  request: VisualTokensRequest,
  scope: RequestScope,
): Promise<SeenRequest> {
  const wish = request.prumerge ?? {};
  const { kind, ...reference } = referenceOf(request);
  if (kind === "video") refuseVideo(model, reference);
  const see: SeeRequest = {
    reducer: requestedReducer(wish, sight),
    imageAspect: requestedAspect(model, wish, reference, 1),
    area: requestedArea(wish),
    ...(kind === "video" && { sampling: requestedFrames(wish) }),
    positions: wish.positions ?? sight.defaultPositions,
    question: request.question,
    remember: wish.remember ?? true,
    signals: (request.inspect ?? false) || (request.signals ?? false),
  };
  checkQuestion(see, sight.limits.textCharacters);
  const slot = await gate.acquire(scope.signal);
  try {
    const bytes = await readPictureBytes(
      { ...reference, kind },
      sight.limits,
      sight.fetchPicture,
      scope.signal,
    );
    const seen = await seeBytes(sight, bytes, see, scope.signal, kind);
    metrics.picture(seen);
    const { video } = seen.tokens;
    if (request.frame_pictures !== true || request.inspect !== true || video === undefined) return seen;
    const taken = await videoWithin(bytes, sight.limits).take(video.sampling, { signal: scope.signal });
    return { ...seen, framePictures: await Promise.all(taken.frames.map(pictureUri)) };
  } finally {
    slot.release();
  }
}

/** What a request shows: one of the two, as its schema has seen to. */
function referenceOf({ image_url: image, video_url: video }: VisualTokensRequest): RequestedMedia {
  if (video !== undefined) return { kind: "video", url: video.url, param: "video_url.url" };
  const { url, detail } = image!;
  return { kind: "picture", url, param: "image_url.url", ...(detail && { detail }) };
}

type RequestedMedia = PictureReference & Required<Pick<PictureReference, "kind">>;

/** A question that nothing depends on is refused as a missing one is: it was asked for something. */
function checkQuestion({ reducer, question, signals }: SeeRequest, most: number): void {
  const refuse = (message: string, code: string) => new ApiError(400, message, { code, param: "question" });
  const { method } = reducer;
  if (question === undefined) {
    if (readsQuestion(reducer))
      throw refuse(`The method ${method} reads the question, and there is none.`, "question_missing");
    return;
  }
  if (question.trim() === "") throw refuse("The question holds no text.", "question_missing");
  if (question.length > most)
    throw refuse(`At most ${most} characters of text are taken, found ${question.length}.`, "limit_exceeded");
  if (!readsQuestion(reducer) && !signals)
    throw refuse(`The method ${method} does not read the question.`, "question_unread");
}

/** What a picture may have beside its rows, and which field of a request brought it. */
const besideRows = [
  { key: "place", name: "positions", param: "prumerge.positions" },
  { key: "bias", name: "bias", param: "prumerge.method" },
  { key: "parted", name: "texts between them", param: "model" },
] as const;

/** The embeddings alone, as a file. */
export function npyAnswer({ tokens }: Remembered): Response {
  const beside = besideRows.find(({ key }) => tokens[key] !== undefined);
  if (beside !== undefined) {
    throw new ApiError(400, `A .npy file holds rows alone, and no ${beside.name}. Ask for JSON.`, {
      code: "invalid_value",
      param: beside.param,
    });
  }
  return new Response(Buffer.from(encodeNpy(tokens.embeddings)), {
    headers: { "Content-Type": "application/x-npy" },
  });
}

export function visualTokensAnswer(
  { modelName }: Services,
  request: VisualTokensRequest,
  seen: SeenRequest,
): VisualTokensAnswer {
  const { bias, embeddings, parted, plan, sites, place } = seen.tokens;
  const [{ rectangle, rows, columns }] = sites.regions as [Region];
  return {
    object: "prumerge.visual_tokens",
    model: modelName,
    picture: reportPicture(seen),
    view: { ...rectangle },
    regions: sites.regions.map(({ first, rows, columns, rectangle, frame, inside }) => ({
      first,
      rows,
      columns,
      rectangle: { ...rectangle },
      frame,
      ...(inside !== undefined && { inside: { ...inside } }),
    })),
    shape: [embeddings.rows, embeddings.columns],
    ...(request.embeddings !== false && {
      embeddings: npyText(embeddings),
    }),
    ...(bias !== undefined && { bias: [...bias] }),
    plan: {
      patches: plan.patches,
      grid: { rows, columns },
      kept_patches: [...plan.keptPatches],
      offsets: [...plan.offsets],
      columns: [...plan.columns],
      weights: [...plan.weights],
    },
    ...(place !== undefined && { place: placeOf(place) }),
    ...(parted !== undefined && {
      parted: { texts: [...parted.texts], rows: parted.runs.map((run) => run.embeddings.rows) },
    }),
    ...(request.inspect &&
      (seen.tokens.video === undefined ? { inspection: inspect(seen) } : { film: inspectFilm(seen) })),
    ...(request.signals && { signals: signalsOf(seen) }),
  };
}

function placeOf({ at, rows, columns, advance }: RowPlace): NonNullable<VisualTokensAnswer["place"]> {
  return {
    at: [...at],
    ...(rows !== undefined && { rows: [...rows] }),
    ...(columns !== undefined && { columns: [...columns] }),
    advance,
  };
}

function signalsOf({ tokens: { signals } }: Remembered): NonNullable<VisualTokensAnswer["signals"]> {
  if (signals === undefined) {
    throw new ApiError(400, "This model's vision graph does not give what methods read.", {
      code: "no_signals",
      param: "signals",
    });
  }
  const [only, ...others] = signals;
  if (only === undefined || others.length > 0) {
    throw new ApiError(400, "What methods read is told of pictures of one view alone.", {
      code: "several_views",
      param: "signals",
    });
  }
  const { classToken, heads, patches, keys, queries, classAttention, layers, classFeatures } = only;
  const { headAttention, relevance } = only;
  return {
    class_token: classToken,
    heads,
    patches: npyText(patches),
    keys: npyText(keys),
    queries: npyText(queries),
    ...(classAttention !== undefined && {
      class_attention: npyText({ rows: 1, columns: classAttention.length, data: classAttention }),
    }),
    ...(layers !== undefined && {
      layers: Object.fromEntries(
        Object.entries(layers).map(([layer, { keys, queries, headAttention }]) => [
          layer,
          { keys: npyText(keys), queries: npyText(queries), ...headAttentionOf(headAttention) },
        ]),
      ),
    }),
    ...headAttentionOf(headAttention),
    ...(classFeatures !== undefined && { class_features: npyText(classFeatures) }),
    ...(relevance !== undefined && {
      relevance: npyText({ rows: 1, columns: relevance.length, data: relevance }),
    }),
  };
}

function headAttentionOf(values: Float32Array | undefined): { head_attention?: string } {
  if (values === undefined) return {};
  return { head_attention: npyText({ rows: 1, columns: values.length, data: values }) };
}

function npyText(matrix: Matrix): string {
  return Buffer.from(encodeNpy(matrix)).toString("base64");
}

function inspect({ tokens, width, height }: Remembered): InspectionField {
  refuseUnknown(tokens);
  const picture = { width, height, data: new Uint8Array(0) }; // of its pixels nothing is written
  return fieldOf(inspectTokens(picture, tokens));
}

function inspectFilm({
  tokens,
  width,
  height,
  framePictures,
}: SeenRequest): NonNullable<VisualTokensAnswer["film"]> {
  refuseUnknown(tokens);
  const picture = { width, height, data: new Uint8Array(0) };
  const { frames } = inspectVideo(
    tokens.video!.indices.map(() => picture),
    tokens,
  );
  return {
    frames: frames.map(({ frame, seconds, borrowed, inspection }, at) => ({
      frame,
      ...(seconds !== undefined && { seconds }),
      merged_from_other_frames: borrowed,
      ...(framePictures && { picture: framePictures[tokens.sites.regions[at]!.frame]! }),
      inspection: fieldOf(inspection),
    })),
  };
}

type InspectionField = NonNullable<VisualTokensAnswer["inspection"]>;

/** The schema's fields are these, but not readonly. */
function fieldOf(inspection: Inspection): InspectionField {
  return inspectionJson(inspection) as unknown as InspectionField;
}

function refuseUnknown({ plan }: Remembered["tokens"]): void {
  if (!isUnknownPlan(plan)) return;
  throw new ApiError(400, "This model's vision graph does not tell which patches it keeps.", {
    code: "not_inspectable",
    param: "inspect",
  });
}
