import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import { programs, visionFile, watchingFile } from "../graphs/reduction/programs.js";
import { checkDtype, type Dtype, dtypes, fileSuffixes, prefillStem } from "../models/dtypes.js";

/** A graph file and whose form it has: ours, or that of transformers.js and other exporters. */
interface GraphFile {
  readonly path: string;
  readonly form: "ours" | "common";
  /** Visual tokens that a vision graph of the common form gives of every picture, where it reduces by itself. */
  readonly bakedTokens?: number;
  /** Reductions beside the first that a vision graph of ours is there for, by name. */
  readonly others?: readonly string[];
}

/** The graph files of one model folder that the runtime uses; absolute paths. */
export interface GraphFiles {
  readonly folder: string;
  readonly vision?: GraphFile;
  /** For videos, of models that have a tower for them; only beside a vision graph of ours. */
  readonly watching?: string;
  /** Only beside a vision graph of ours. */
  readonly projector?: string;
  readonly embedTokens?: string;
  readonly decoder?: GraphFile;
  /** The decoder over weights in another form, for prompts; only beside a decoder of ours. */
  readonly prefill?: { readonly path: string; readonly dtype: Dtype };
}

/**
 * Finds the graphs in `folder/onnx` (or in the folder itself). Our form goes before the common one. Among several dtypes
 * the one asked for is taken, else, as the tower is kept precise beside a quantised language model, the most precise.
 *
 * @throws PrumergeError NOT_FOUND where there is no graph at all, or no language model of the dtype asked for;
 * INVALID_OPTION for what is no dtype
 */
export async function findGraphs(folder: string, dtype?: Dtype): Promise<GraphFiles> {
  checkDtype(dtype, "dtype");
  const root = resolve(folder);
  const place = await listGraphs(root);
  const find = (stem: string, only = false): string | undefined => {
    const wanted = dtype === undefined ? [] : [dtype];
    for (const candidate of only && dtype !== undefined ? wanted : [...wanted, ...dtypes]) {
      const name = `${stem}${fileSuffixes[candidate]}.onnx`;
      if (place.names.has(name)) return join(place.path, name);
    }
    return undefined;
  };
  const either = (ours: string, common: string, only = false): GraphFile | undefined => {
    const own = find(ours, only);
    if (own !== undefined) return { path: own, form: "ours" };
    const other = find(common, only);
    return other === undefined ? undefined : { path: other, form: "common" };
  };
  const found = either("vision", "vision_encoder");
  const vision = found?.form === "ours" ? { ...found, ...othersBeside(found.path, place.names) } : found;
  const watching = found?.form === "ours" ? besideVision(found.path, place.names) : undefined;
  const decoder = either("decoder", "decoder_model_merged", true);
  if (
    decoder === undefined &&
    dtype !== undefined &&
    either("decoder", "decoder_model_merged") !== undefined
  ) {
    throw new PrumergeError("NOT_FOUND", "the model folder has no language model of this dtype", {
      expected: `onnx/decoder${fileSuffixes[dtype]}.onnx`,
      where: root,
      found: [...place.names].filter((name) => name.startsWith("decoder")).join(", "),
    });
  }
  const projector = find("projector");
  const embedTokens = find("embed_tokens");
  const prefill = decoder?.form === "ours" ? prefillBeside(decoder.path, place.names) : undefined;
  return {
    folder: root,
    ...(vision === undefined ? {} : { vision }),
    ...(watching === undefined ? {} : { watching }),
    ...(projector === undefined ? {} : { projector }),
    ...(embedTokens === undefined ? {} : { embedTokens }),
    ...(decoder === undefined ? {} : { decoder }),
    ...(prefill === undefined ? {} : { prefill }),
  };
}

/**
 * The reductions beside the first whose graphs are there.
 *
 * @param vision path or name of the first one's graph
 * @param names of the files beside it
 */
export function othersBeside(vision: string, names: ReadonlySet<string>): Pick<GraphFile, "others"> {
  const others = programs
    .slice(1)
    .map(({ name }) => name)
    .filter((name) => names.has(basename(visionFile(vision, name))));
  return others.length > 0 ? { others } : {};
}

/** The graph for prompts, where it is there; the most precise of several. */
function prefillBeside(decoder: string, names: ReadonlySet<string>): GraphFiles["prefill"] {
  const dtype = dtypes.find((one) => names.has(`${prefillStem}${fileSuffixes[one]}.onnx`));
  if (dtype === undefined) return undefined;
  return { path: join(dirname(decoder), `${prefillStem}${fileSuffixes[dtype]}.onnx`), dtype };
}

/** Path of the graph for videos, where it is there. */
function besideVision(vision: string, names: ReadonlySet<string>): string | undefined {
  const path = watchingFile(vision);
  return names.has(basename(path)) ? path : undefined;
}

async function listGraphs(root: string): Promise<{ path: string; names: ReadonlySet<string> }> {
  for (const path of [join(root, "onnx"), root]) {
    const names = await readdir(path).catch(() => []);
    const graphs = names.filter((name) => name.endsWith(".onnx"));
    if (graphs.length > 0) return { path, names: new Set(graphs) };
  }
  throw new PrumergeError("NOT_FOUND", "no model here", {
    expected: "a folder with onnx/*.onnx",
    where: root,
    help: "Convert a checkpoint first: prumerge convert SOURCE DESTINATION",
  });
}
