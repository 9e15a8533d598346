import type { ChatChunkExtension, ErrorBody, Info, VisualTokensAnswer } from "prumerge/api";
import {
  type Budget,
  type Matrix,
  noReduction,
  oneHotPlan,
  parseBudget,
  readsQuestion,
  type Signals,
} from "prumerge/reduce";
import { reductionField } from "../parts/commands.js";
import { afterPause } from "./after-pause.js";
import { refuseClip } from "./clip-file.js";
import { DataUrls } from "./data-url.js";
import { brokenOff, events, hasKey, request } from "./http-client.js";
import type {
  AnswerNumbers,
  ModelBackend,
  ModelInfo,
  OpenBackend,
  SeenPicture,
  Showing,
} from "./model-backend.js";
import { pictureSize } from "./picture-size.js";
import { questionWanted } from "./question-wanted.js";
import { readNpy } from "./read-npy.js";
import { reducerOf } from "./reducer-of.js";
import { seenBySignals } from "./seen-signals.js";
import { clipToldBy } from "./told-film.js";
import { readInspection, type ToldPicture } from "./told-inspection.js";
import { wayField } from "./way-field.js";

/** An answer with what the page asks for. */
type Seen = VisualTokensAnswer & Required<Pick<VisualTokensAnswer, "embeddings" | "signals">>;

/** The parts of a streamed event that the page uses. */
interface Chunk extends ChatChunkExtension, Partial<ErrorBody> {
  readonly choices?: readonly { readonly delta: { readonly content?: string | null } }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens: number };
  } | null;
}

/** Every row, and each where it stands anyway. */
const unreduced = reductionField(noReduction());

/** Milliseconds without another wish before a server is asked to see a picture in a new way. */
const pause = 200;

/** The model of the server that the page came from. */
export const openBackend: OpenBackend = async () => {
  const info: Info = await (await request("v1/prumerge/info")).json();
  const model = describe(info);
  const urls = new DataUrls();
  return {
    info: model,
    async see(showing) {
      if (showing.clip) {
        refuseClip(model);
        return clipToldBy(urls, showing, model, pause);
      }
      return model.unreducedTokens === undefined ? seeToldBy(urls, showing) : seeRead(model, urls, showing);
    },
    ask: (question) => ask(model, urls, question),
  };
};

/**
 * Pictures of several views, or of any size: what methods read of them would be too much to send, so that the server is asked
 * what each reduction makes of them.
 */
async function seeToldBy(urls: DataUrls, showing: Showing): Promise<SeenPicture> {
  const { picture, name, way, question } = showing;
  await pictureSize(picture);
  return {
    async inspect(reduction, signal) {
      const asks = readsQuestion(reducerOf(reduction));
      if (asks && question === undefined) throw questionWanted(reduction);
      await afterPause(pause, signal);
      const body = {
        image_url: { url: await urls.get(picture) },
        prumerge: { ...reductionField(reduction), ...wayField(way) },
        embeddings: false,
        inspect: true,
        ...(asks && { question }),
      };
      const told: ToldPicture = await (await request("v1/visual-tokens", { body, signal })).json();
      return readInspection(told, name);
    },
  };
}

/** Pictures of one view: what methods read is fetched once, and plans are made here. */
async function seeRead(model: ModelInfo, urls: DataUrls, showing: Showing): Promise<SeenPicture> {
  const { picture, name, way, question, signal } = showing;
  const body = {
    image_url: { url: await urls.get(picture) },
    prumerge: { ...unreduced, ...wayField(way) },
    embeddings: true,
    signals: true,
    ...(question !== undefined && { question }),
  };
  const [size, response] = await Promise.all([
    pictureSize(picture),
    request("v1/visual-tokens", { body, signal }),
  ]);
  const { picture: report, regions, signals, embeddings }: Seen = await response.json();
  const { rows, columns } = regions[0]!;
  const count = rows * columns;
  const projected = withoutLead(readNpy(embeddings), model.leadingTokens);
  const every = Int32Array.from({ length: count }, (_, patch) => patch);
  return seenBySignals(
    {
      ...size,
      name,
      sites: { count, regions },
      signals: [readSignals(signals, { rows, columns }, projected)],
      unreduced: { plan: oneHotPlan({ rows, columns }, every), tokens: report.unreduced_tokens },
      question,
    },
    model,
  );
}

function readSignals(signals: Seen["signals"], grid: Signals["grid"], projected: Matrix): Signals {
  return {
    grid,
    patches: readNpy(signals.patches),
    keys: readNpy(signals.keys),
    queries: readNpy(signals.queries),
    ...(signals.layers !== undefined && { layers: readLayers(signals.layers) }),
    projected,
    classToken: signals.class_token,
    heads: signals.heads,
    ...(signals.class_attention !== undefined && {
      classAttention: readNpy(signals.class_attention).data,
    }),
    ...headAttention(signals),
    ...(signals.relevance !== undefined && { relevance: readNpy(signals.relevance).data }),
  };
}

function readLayers(
  layers: NonNullable<Seen["signals"]["layers"]>,
): Record<number, { keys: Matrix; queries: Matrix }> {
  return Object.fromEntries(
    Object.entries(layers).map(([layer, { keys, queries, ...rest }]) => [
      layer,
      { keys: readNpy(keys), queries: readNpy(queries), ...headAttention(rest) },
    ]),
  );
}

/** Where rows are blocks of patches. */
function headAttention({ head_attention: values }: { readonly head_attention?: string }): {
  headAttention?: Float32Array;
} {
  return values === undefined ? {} : { headAttention: readNpy(values).data };
}

/** Unreduced rows are the patches after the projector, but for the class token's before them. */
function withoutLead({ rows, columns, data }: Matrix, lead: number): Matrix {
  return { rows: rows - lead, columns, data: data.subarray(lead * columns) };
}

function describe(info: Info): ModelInfo {
  const { model, methods, default: usual, samples, backend } = info;
  const { grid, unreduced_tokens: tokens } = model;
  return {
    name: model.id,
    place: backend === "vllm" ? "encoded here, answered by vLLM" : "on this server",
    notes: model.notes,
    // Of a model with tiles the server tells the number of one view.
    unreducedTokens: model.tiles ? undefined : (tokens ?? undefined),
    leadingTokens: tokens === null || grid === null ? 0 : tokens - grid.rows * grid.columns,
    keyValueBytesPerToken: model.key_value_bytes_per_token,
    methods: methods.map(({ name, description, budgets, visual_tokens, options }) => {
      const sizeBias = options.find((option) => option.name === "sizeBias")?.default;
      return {
        name,
        description,
        budgets,
        defaultBudget: readBudget(visual_tokens),
        ...(typeof sizeBias === "boolean" && { sizeBias }),
      };
    }),
    videos: model.videos,
    ways: { tiles: model.tiles, ...(model.pixels !== null && { area: model.pixels }) },
    positions: model.positions,
    rowBias: model.row_bias,
    defaultReduction: {
      method: usual.method,
      budget: readBudget(usual.visual_tokens),
      options: {},
      positions: usual.positions,
    },
    samples,
    origin: new URL(".", document.baseURI).href.replace(/\/$/, ""),
    wantsKey: hasKey(),
  };
}

async function* ask(
  model: ModelInfo,
  urls: DataUrls,
  { picture, clip, way, reduction, messages, signal }: Parameters<ModelBackend["ask"]>[0],
): AsyncGenerator<string, AnswerNumbers, undefined> {
  const url = await urls.get(picture);
  const body = {
    model: model.name,
    messages: messages.map(({ role, content }, at) => ({
      role,
      content:
        at === 0
          ? [
              clip ? { type: "video_url", video_url: { url } } : { type: "image_url", image_url: { url } },
              { type: "text", text: content },
            ]
          : content,
    })),
    stream: true,
    stream_options: { include_usage: true },
    prumerge: { ...(reduction === undefined ? unreduced : reductionField(reduction)), ...wayField(way) },
  };
  let report: Chunk["prumerge"];
  let usage: Chunk["usage"];
  for await (const event of events(await request("v1/chat/completions", { body, signal }))) {
    const chunk = event as Chunk;
    if (chunk.error !== undefined) throw new Error(chunk.error.message);
    report = chunk.prumerge ?? report;
    usage = chunk.usage ?? usage;
    const text = chunk.choices?.[0]?.delta.content;
    if (text) yield text;
  }
  if (report === undefined || usage === undefined || usage === null) throw new Error(brokenOff);
  const { pictures_ms, first_token_ms, total_ms } = report.timings;
  return {
    visualTokens: report.pictures.reduce((sum, { visual_tokens }) => sum + visual_tokens, 0),
    promptTokens: usage.prompt_tokens,
    reusedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    answerTokens: usage.completion_tokens,
    // A picture that the server remembers is not encoded again: it would be half of the times of one side alone.
    visionTower: report.pictures.reduce((sum, { encode_ms }) => sum + encode_ms, 0),
    firstToken: Math.max(0, first_token_ms - pictures_ms),
    total: Math.max(0, total_ms - pictures_ms),
    keyValueBytes: report.key_value_bytes ?? usage.prompt_tokens * model.keyValueBytesPerToken,
    ...(report.missing_positions !== undefined && { missingPositions: report.missing_positions }),
  };
}

function readBudget(text: string): Budget {
  const budget = parseBudget(text);
  if (budget === undefined)
    throw new Error(`The server speaks of ${text} visual tokens, which this page cannot read.`);
  return budget;
}
