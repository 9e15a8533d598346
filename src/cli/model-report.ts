import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { isModelFolder, readModelFolder } from "../folder/model-folder.js";
import type { CheckpointModel, RemoteModel } from "../hub/index.js";
import type { PreprocessSpec } from "../image/index.js";
import { describeFolder } from "../model/describe-folder.js";
import { conversionCommand, findFolder } from "../model/find-folder.js";
import { supportOfMethods } from "../model/model-methods.js";
import { gridSide, type ModelSpec, patchCount, siteCount, takesSquares } from "../models/spec.js";
import type { MethodSupport } from "../reduce/index.js";
import { visionAbility } from "../runtime/index.js";
import { keyValueBytesPerToken } from "../see/key-value-bytes.js";
import { fetchConfig, readConfig } from "./model-geometry.js";

/** What `prumerge info` tells of a model that can be loaded. */
export interface ModelReport {
  readonly kind: "model";
  readonly model: string;
  readonly folder: string;
  readonly form: "converted" | "transformers.js";
  readonly source: string | null;
  /** Visual tokens of every picture, where the vision graph has a reduction baked in. */
  readonly bakedTokens: number | null;
  readonly dtypes: Readonly<Record<string, string>> | null;
  readonly spec: ModelSpec;
  /** Squares of one picture at most: 1, or the whole picture and its tiles. */
  readonly views: number;
  /** Of one view; null where a view may have any size. */
  readonly patches: number | null;
  readonly gridSide: number | null;
  /** What of one view becomes a visual token each: its patches, or blocks of them. */
  readonly sites: number | null;
  readonly context: number;
  readonly keyValueBytesPerToken: number;
  /** How each method runs on this model; `no`: its graph cannot reduce so and does not show what the method reads. */
  readonly methods: Readonly<Record<string, MethodSupport>>;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** What it tells of a model folder of the hub that has to be downloaded first; sizes in bytes. */
export interface RemoteReport {
  readonly kind: "remote";
  readonly model: string;
  readonly form: "converted" | "transformers.js";
  /** Commit of the hub. */
  readonly commit: string;
  readonly downloadBytes: number;
  readonly spec: ModelSpec;
  readonly patches: number | null;
  readonly gridSide: number | null;
  readonly sites: number | null;
  readonly context: number;
  readonly keyValueBytesPerToken: number;
}

/** What it tells of a checkpoint that has to be converted first; sizes in bytes. */
export interface CheckpointReport {
  readonly kind: "checkpoint";
  readonly model: string;
  readonly downloadBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly dtype: string;
  readonly seconds: number;
  readonly command: string;
}

/** Reads what a model says about itself; no weights. */
export async function inspectModel(
  model: string,
  signal: AbortSignal,
): Promise<ModelReport | RemoteReport | CheckpointReport> {
  let checkpoint: CheckpointModel | undefined;
  let remote: RemoteModel | undefined;
  const folder = await findFolder(model, {
    signal,
    onCheckpoint: async (found) => {
      checkpoint = found;
      return found.source;
    },
    onRemote: (found) => {
      remote = found;
      return fetchConfig(found.hub, signal);
    },
  });
  if (remote !== undefined) return reportRemote(model, remote, folder, signal);
  return checkpoint === undefined ? reportModel(model, folder) : reportCheckpoint(model, checkpoint);
}

async function reportRemote(
  model: string,
  { form, hub, downloadBytes }: RemoteModel,
  folder: string,
  signal: AbortSignal,
): Promise<RemoteReport> {
  const spec = (await readConfig(folder, signal))!; // it was fetched just now
  return { kind: "remote", model, form, commit: hub.commit, downloadBytes, ...geometryOf(spec) };
}

/** What follows of a model's dimensions. */
function geometryOf(spec: ModelSpec) {
  const { vision, language } = spec;
  return {
    spec,
    patches: takesSquares(vision) ? patchCount(vision) : null,
    gridSide: takesSquares(vision) ? gridSide(vision) : null,
    sites: takesSquares(vision) ? siteCount({ ...spec, vision }) : null,
    context: language.context,
    keyValueBytesPerToken: keyValueBytesPerToken(language),
  };
}

function reportCheckpoint(model: string, checkpoint: CheckpointModel): CheckpointReport {
  const { downloadBytes, dtype, estimate } = checkpoint;
  return {
    kind: "checkpoint",
    model,
    downloadBytes,
    dtype,
    ...estimate,
    command: conversionCommand(checkpoint),
  };
}

async function reportModel(model: string, folder: string): Promise<ModelReport> {
  const [{ spec, form, graphs, preprocessing }, files] = await Promise.all([
    describeFolder(folder),
    listFiles(folder),
  ]);
  const manifest = (await isModelFolder(folder)) ? await readModelFolder(folder) : undefined;
  return {
    kind: "model",
    model,
    folder: graphs.folder,
    form,
    source: manifest?.source.name ?? null,
    bakedTokens: graphs.vision?.bakedTokens ?? null,
    dtypes: manifest?.dtypes ?? null,
    views: mostViews(preprocessing),
    ...geometryOf(spec),
    methods: supportOfMethods(visionAbility(graphs), spec),
    files,
  };
}

function mostViews({ size, grids = [], longestEdge = size }: PreprocessSpec): number {
  const tiles = Math.ceil(longestEdge / size) ** 2;
  if (tiles > 1) return 1 + tiles;
  return 1 + Math.max(0, ...grids.map(([height, width]) => (height * width) / size ** 2));
}

/** The files of a folder with their sizes; those of the hub's cache are links, which are followed. */
export async function listFiles(folder: string): Promise<ModelReport["files"]> {
  const below = await readdir(folder, { recursive: true, withFileTypes: true });
  const sized = below.map(async (entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const info = await stat(path).catch(() => undefined); // a link to nowhere
    return info?.isFile() ? [{ path: relative(folder, path).replaceAll("\\", "/"), bytes: info.size }] : [];
  });
  return (await Promise.all(sized)).flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}
