import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { classTokenRows, siteCount, siteSide, squareModel, takesSquares } from "../models/spec.js";
import { type Budget, formatBudget, type Method, readsQuestion, splitBudget } from "../reduce/index.js";
import { wayChoices } from "../see/choose-aspect.js";
import { keyValueBytesPerToken } from "../see/key-value-bytes.js";
import { version } from "../version.js";
import type { Info } from "./schema/info.js";
import type { Services } from "./services.js";

/** What this server is, for programs that draw controls for it. */
export async function serverInfo(
  { model, modelName, limits, backend, sight }: Services,
  samples: Samples,
): Promise<Info> {
  const { positions, bias } = await backend.rowChoices();
  const { spec, notes, unnamedNote, preprocessing } = model;
  const { tiles, area } = wayChoices(spec, preprocessing);
  const square = takesSquares(spec.vision) ? squareModel(spec) : undefined;
  const side = square && siteSide(square);
  const { defaultReducer } = sight;
  return {
    object: "prumerge.info",
    version,
    model: {
      id: modelName,
      image_size: square?.vision.imageSize ?? null,
      grid: side === undefined ? null : { rows: side, columns: side },
      unreduced_tokens: square === undefined ? null : siteCount(square) + classTokenRows(spec),
      tiles,
      videos: model.videoSampling !== undefined,
      pixels: area ?? null,
      context: spec.language.context,
      positions: [...positions],
      row_bias: bias,
      hidden_size: spec.language.hiddenSize,
      key_value_bytes_per_token: keyValueBytesPerToken(spec.language, model.cacheForm),
      notes: notes.map((note) =>
        note === unnamedNote ? note : "Its vision graph has limits: see prumerge info.",
      ),
    },
    default: {
      method: defaultReducer.method,
      visual_tokens: formatBudget(defaultReducer.budget),
      options: { ...defaultReducer.options },
      positions: sight.defaultPositions,
    },
    methods: model.methods.map((method) => describeMethod(method, sight.defaultBudget)),
    samples: samples.list,
    limits: {
      body_bytes: limits.bodyBytes,
      picture_bytes: limits.pictureBytes,
      picture_pixels: limits.picturePixels,
      pictures: limits.pictures,
      prompt_tokens: Math.min(limits.promptTokens, spec.language.context),
      output_tokens: limits.outputTokens,
    },
    backend: backend.kind,
  };
}

function describeMethod(method: Method, serverBudget: Budget | undefined): Info["methods"][number] {
  const { name, description, budgets, defaultBudget, create } = method;
  const reducer = create({}, defaultBudget);
  const usual =
    serverBudget !== undefined && budgets.includes(serverBudget.kind) ? serverBudget : defaultBudget;
  return {
    name,
    description,
    budgets: [...budgets],
    visual_tokens: formatBudget(usual),
    reads_question: readsQuestion(reducer),
    // Budgets have a field of their own in requests.
    options: Object.entries(splitBudget(reducer.options).rest)
      .filter((entry): entry is [string, number | boolean | string] =>
        ["number", "boolean", "string"].includes(typeof entry[1]),
      )
      .map(([option, value]) => ({
        name: option,
        type: typeof value as "number" | "boolean" | "string",
        default: value,
      })),
  };
}

/** Pictures to try the server with. */
export interface Samples {
  readonly list: Info["samples"];
  /** Path of one by the name in its URL; undefined for any other name. */
  path(name: string): string | undefined;
}

/** Reads `samples.json` of a folder of pictures; none where there is no such file. */
export function readSamples(folder: string): Samples {
  const file = join(folder, "samples.json");
  if (!existsSync(file)) return { list: [], path: () => undefined };
  const entries: { file: string; questions: { question: string }[] }[] = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const names = new Set(entries.map((entry) => entry.file).filter((name) => name === basename(name)));
  return {
    list: entries
      .filter((entry) => names.has(entry.file))
      .map((entry) => ({
        name: entry.file,
        url: `/v1/prumerge/samples/${encodeURIComponent(entry.file)}`,
        questions: entry.questions.map(({ question }) => question),
      })),
    path: (name) => (names.has(name) ? join(dirname(file), name) : undefined),
  };
}
