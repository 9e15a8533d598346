import type { ChatChunkExtension, ErrorBody, Info, VisualTokensAnswer } from "prumerge/api";
import { type Budget, type Matrix, noReduction, parseBudget } from "prumerge/reduce";
import { reductionField } from "../parts/commands.js";
import { DataUrls } from "./data-url.js";
import { events, hasKey, request } from "./http-client.js";
import type { AnswerNumbers, ModelBackend, ModelInfo, OpenBackend } from "./model-backend.js";
import { pictureSize } from "./picture-size.js";
import { readNpy } from "./read-npy.js";

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

/** The model of the server that the page came from. */
export const openBackend: OpenBackend = async () => {
  const info: Info = await (await request("v1/prumerge/info")).json();
  const model = describe(info);
  const urls = new DataUrls();
  return {
    info: model,
    async see(picture, signal, question) {
      const body = {
        image_url: { url: await urls.get(picture) },
        prumerge: unreduced,
        embeddings: true,
        signals: true,
        ...(question !== undefined && { question }),
      };
      const [size, response] = await Promise.all([
        pictureSize(picture),
        request("v1/visual-tokens", { body, signal }),
      ]);
      const { picture: report, view, signals, embeddings }: Seen = await response.json();
      return {
        ...size,
        view,
        signals: {
          grid: squareOf(info).grid,
          patches: readNpy(signals.patches),
          keys: readNpy(signals.keys),
          queries: readNpy(signals.queries),
          ...(signals.layers !== undefined && { layers: readLayers(signals.layers) }),
          projected: withoutLead(readNpy(embeddings), model.leadingTokens),
          classToken: signals.class_token,
          heads: signals.heads,
          ...(signals.class_attention !== undefined && {
            classAttention: readNpy(signals.class_attention).data,
          }),
          ...headAttention(signals),
          ...(signals.relevance !== undefined && { relevance: readNpy(signals.relevance).data }),
        },
        encodeMilliseconds: report.encode_ms,
      };
    },
    ask: (question) => ask(model, urls, question),
  };
};

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

/** What the page draws on. */
function squareOf({ model: { id, grid, unreduced_tokens: tokens } }: Info) {
  if (grid !== null && tokens !== null) return { grid, tokens };
  throw new Error(
    `${id} takes pictures of any size, which this page does not draw yet. Its API answers about them.`,
  );
}

function describe(info: Info): ModelInfo {
  const { model, methods, default: usual, samples, backend } = info;
  const { grid, tokens } = squareOf(info);
  return {
    name: model.id,
    place: backend === "vllm" ? "encoded here, answered by vLLM" : "on this server",
    notes: model.notes,
    unreducedTokens: tokens,
    leadingTokens: tokens - grid.rows * grid.columns,
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
  { picture, reduction, messages, signal }: Parameters<ModelBackend["ask"]>[0],
): AsyncGenerator<string, AnswerNumbers, undefined> {
  const url = await urls.get(picture);
  const body = {
    model: model.name,
    messages: messages.map(({ role, content }, at) => ({
      role,
      content:
        at === 0
          ? [
              { type: "image_url", image_url: { url } },
              { type: "text", text: content },
            ]
          : content,
    })),
    stream: true,
    stream_options: { include_usage: true },
    prumerge: reduction === undefined ? unreduced : reductionField(reduction),
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
  if (report === undefined || usage === undefined || usage === null) throw new Error("The answer broke off.");
  return {
    visualTokens: report.pictures.reduce((sum, { visual_tokens }) => sum + visual_tokens, 0),
    promptTokens: usage.prompt_tokens,
    reusedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    answerTokens: usage.completion_tokens,
    firstToken: report.timings.first_token_ms,
    total: report.timings.total_ms,
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
