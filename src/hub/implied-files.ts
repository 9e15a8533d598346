import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { manifestName } from "../models/names.js";
import { checkRelativePath } from "./listing.js";
import { type ModelFile, modelForm } from "./model-files.js";

/** Longest file that is read for the names it holds, bytes, and most names that are taken from one. */
const longest = 64 * 2 ** 20;
const mostNames = 20_000;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });
const manifestSchema = z.object({ files: z.array(z.object({ path: z.string() })) });
const chunks = z.union([z.boolean(), z.int().min(0).max(100)]);
const configSchema = z.object({
  "transformers.js_config": z.object({
    use_external_data_format: z.union([chunks, z.record(z.string(), chunks)]),
  }),
});

const shard = /^([^/]+)-(\d{5})-of-(\d{5})\.(safetensors|bin)$/;

/** Files that are not in a folder, and should be. */
export interface ImpliedFiles {
  /** Named by what is there: the other shards of a checkpoint, the graphs of a manifest, the weights beside a graph. */
  readonly named: readonly string[];
  /** What a model of this form cannot be without, under its commonest name. */
  readonly supposed: readonly string[];
}

/** What tells a whole copy from half of one where no listing of the hub's was kept. */
export async function impliedFiles(folder: string, present: readonly ModelFile[]): Promise<ImpliedFiles> {
  const here = new Set(present.map(({ path }) => path));
  const named = shardNames(present);
  for (const { path, size } of present) {
    if (size > longest || !/^[^/]+\.json$/.test(path)) continue;
    if (path === manifestName || path === "config.json" || path.endsWith(".index.json")) {
      const json = await readJson(join(folder, path));
      named.push(...(path === "config.json" ? externalData(json, present) : listed(json, path, here)));
    }
  }
  const absent = (paths: readonly string[]) =>
    [...new Set(paths)].filter((path) => !here.has(path) && isInside(path, folder)).sort();
  return { named: absent(named), supposed: absent(parts(present)) };
}

function shardNames(present: readonly ModelFile[]): string[] {
  const first = new Map<string, RegExpExecArray>();
  for (const { path } of present) {
    const match = shard.exec(path);
    if (match !== null && Number(match[3]) <= mostNames) first.set(path.replace(match[2]!, ""), match);
  }
  return [...first.values()].flatMap(([, stem, , count, ending]) => [
    `${stem}.${ending}.index.json`,
    ...Array.from(
      { length: Number(count) },
      (_, index) => `${stem}-${String(index + 1).padStart(5, "0")}-of-${count}.${ending}`,
    ),
  ]);
}

/** What goes with what: a configuration with weights, the three graphs that other exporters make with each other. */
function parts(present: readonly ModelFile[]): string[] {
  const has = (pattern: RegExp) => present.some(({ path }) => pattern.test(path));
  if (has(/^onnx\/\w+\.onnx$/) && !has(/^prumerge\.json$/)) {
    const graphs = ["vision_encoder", "embed_tokens", "decoder_model_merged"];
    const absent = graphs.filter((graph) => !has(new RegExp(`^onnx/${graph}\\w*\\.onnx$`)));
    return ["config.json", ...absent.map((graph) => `onnx/${graph}.onnx`)];
  }
  const form = modelForm(present);
  if (form === "adapter") return has(/^adapter_model\./) ? ["adapter_config.json"] : [];
  if (form !== undefined) return ["config.json"];
  if (has(/^(model\.safetensors|pytorch_model\.bin)\.index\.json$/)) return ["config.json"];
  if (has(/^adapter_config\.json$/)) return ["adapter_model.safetensors"];
  return has(/^config\.json$/) ? ["model.safetensors"] : [];
}

function listed(json: unknown, path: string, here: ReadonlySet<string>): string[] {
  if (path === manifestName) return manifestSchema.safeParse(json).data?.files.map((file) => file.path) ?? [];
  // A whole file beside an index is what is read.
  if (here.has(path.replace(/\.index\.json$/, ""))) return [];
  return [...new Set(Object.values(indexSchema.safeParse(json).data?.weight_map ?? {}))].slice(0, mostNames);
}

/** Weights that lie beside their graphs, as transformers.js finds them. */
function externalData(json: unknown, present: readonly ModelFile[]): string[] {
  const told = configSchema.safeParse(json).data?.["transformers.js_config"].use_external_data_format;
  return present.flatMap(({ path }) => {
    const name = /^onnx\/(\w+)\.onnx$/.exec(path)?.[1];
    if (name === undefined || told === undefined) return [];
    const own = typeof told === "object" ? (told[`${name}.onnx`] ?? told[name]) : told;
    return Array.from(
      { length: Number(own ?? 0) },
      (_, index) => `${path}_data${index === 0 ? "" : `_${index}`}`,
    );
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // whoever needs it reads it again, and says what is wrong with it
  }
}

function isInside(path: string, folder: string): boolean {
  try {
    return checkRelativePath(path, folder) === path;
  } catch {
    return false; // the conversion refuses such an index by name
  }
}
