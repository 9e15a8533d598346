import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { keyValueBytesPerToken } from "../generate/key-value-bytes.js";
import type { LoadedModel } from "../generate/model.js";
import { classTokenRows, gridSide, patchCount } from "../models/spec.js";
import { type Method, methods } from "../reduce/index.js";
import { version } from "../version.js";
import type { Info } from "./schema/info.js";
import type { Services } from "./services.js";

/** Budgets have a field of their own in requests. */
const budgets: readonly string[] = ["tokens", "maxTokens", "keepRatio"];

/** What this server is, for programs that draw controls for it. */
export function serverInfo({ model, modelName, limits, backend, sight }: Services, samples: Samples): Info {
  const { spec, notes, unnamedNote } = model;
  const side = gridSide(spec.vision);
  const { defaultReducer } = sight;
  const baked = model.defaultReducer.method === "baked";
  return {
    object: "prumerge.info",
    version,
    model: {
      id: modelName,
      image_size: spec.vision.imageSize,
      grid: { rows: side, columns: side },
      unreduced_tokens: patchCount(spec.vision) + classTokenRows(spec),
      context: spec.language.context,
      hidden_size: spec.language.hiddenSize,
      key_value_bytes_per_token: keyValueBytesPerToken(spec.language),
      notes: notes.map((note) =>
        note === unnamedNote ? note : "Its vision graph has limits: see prumerge info.",
      ),
    },
    default: { method: defaultReducer.method, options: { ...defaultReducer.options } },
    methods: baked ? [] : methods.filter((method) => runs(method, model)).map(describeMethod),
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

/** Where the vision graph only encodes, nothing is reduced. */
function runs({ name }: Method, { defaultReducer }: Pick<LoadedModel, "defaultReducer">): boolean {
  return defaultReducer.method !== "none" || name === "none";
}

function describeMethod({ name, description, adaptive, create }: Method): Info["methods"][number] {
  const needsCount = !adaptive && name !== "none";
  const { options } = create(needsCount ? { tokens: 64 } : {});
  return {
    name,
    description,
    adaptive,
    needs_count: needsCount,
    options: Object.entries(options)
      .filter((entry): entry is [string, number | boolean | string] => {
        return !budgets.includes(entry[0]) && ["number", "boolean", "string"].includes(typeof entry[1]);
      })
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
