import { type Dtype, fileSuffixes } from "../models/dtypes.js";
import { manifestName } from "../models/names.js";

/** A file of a model, local or on the hub; `path` is relative to the model's folder, `/` between its parts. */
export interface ModelFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Named by nothing: a model of its form could not be without, and the file is not here. */
  readonly supposed?: true;
}

/** Which files of a listing are needed: given all of them, gives back some. */
export type FileSelection = <F extends ModelFile>(files: readonly F[]) => readonly F[];

/**
 * What the files of a folder make up.
 * - `converted`: our model folder, with in-graph reduction
 * - `checkpoint`: weights to convert, whatever graphs another exporter left beside them: only a conversion reduces
 * - `transformers.js`: ONNX files as other exporters write them, and no weights
 * - `adapter`: LoRA or projector weights, to be converted together with their base model
 */
export type ModelForm = "converted" | "transformers.js" | "checkpoint" | "adapter";

/** Which dtypes are wanted of a folder that may hold several. */
export interface WantedDtypes {
  /** Of the language model; default: `q4`, else `int8`, `q8`, `fp16`, `fp32`, whichever comes first. */
  readonly dtype?: Dtype;
  /** Of the vision tower; default `fp32`, else `fp16`, `q8`, `int8`, `q4`: a quantised tower moves the kept patches. */
  readonly visionDtype?: Dtype;
}

/** Recognises a model by its file names, undefined where they make up none. */
export function modelForm(files: readonly ModelFile[]): ModelForm | undefined {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  if (isConverted(files)) return "converted";
  if (weightFiles(files).length > 0) return "checkpoint";
  if (has(/^onnx\/vision_encoder\w*\.onnx$/) && has(/^onnx\/decoder_model_merged\w*\.onnx$/)) {
    return "transformers.js";
  }
  return has(adapterFile) ? "adapter" : undefined;
}

/** Of files that graphs for transformers.js are among, which of the graphs that a model cannot be without are not; none where no graph is. */
export function missingGraphs(files: readonly ModelFile[]): readonly string[] {
  const absent = components.filter(
    (component) => !files.some(({ path }) => new RegExp(`^onnx/${component}\\w*\\.onnx$`).test(path)),
  );
  return absent.length === components.length ? [] : absent.map((component) => `onnx/${component}*.onnx`);
}

/**
 * The files that a conversion reads: configuration, tokenizer and one form of the weights, safetensors where there are
 * any, else torch's `.bin`; never what other frameworks, trainers or exporters left beside them.
 */
export const checkpointFiles: FileSelection = (files) => {
  const weights = new Set<string>(weightFiles(files).map(({ path }) => path));
  return files.filter(({ path }) => isSmallPart(path) || adapterFile.test(path) || weights.has(path));
};

/**
 * The files that a model folder is run from. One of ours is taken whole, configuration and graphs, since its manifest
 * names every file; of one that another exporter filled with many dtypes, each graph in one.
 */
export function modelFolderFiles({ dtype, visionDtype }: WantedDtypes = {}): FileSelection {
  const language = preference(dtype, ["q4", "int8", "q8", "fp16", "fp32"]);
  const vision = preference(visionDtype, ["fp32", "fp16", "q8", "int8", "q4"]);
  return (files) => {
    if (isConverted(files)) return files.filter(({ path }) => isSmallPart(path) || path.startsWith("onnx/"));
    const graphs = new Set(
      components.flatMap((component) => {
        const order = component === "vision_encoder" ? vision : language;
        const present = order.map((one) => `onnx/${component}${fileSuffixes[one]}.onnx`);
        return present.filter((path) => files.some((file) => file.path === path)).slice(0, 1);
      }),
    );
    return files.filter(({ path }) => isSmallPart(path) || graphs.has(path.replace(externalData, "")));
  };
}

const components = ["vision_encoder", "embed_tokens", "decoder_model_merged"];
const externalData = /(_data(_\d+)?|\.data)$/;
const adapterFile = /^(mm_projector|non_lora_trainables|adapter_model)\.(bin|safetensors)$/;
const shard = /-\d{5}-of-\d{5}\./;

function isConverted(files: readonly ModelFile[]): boolean {
  return files.some(({ path }) => path === manifestName);
}

function preference(wanted: Dtype | undefined, order: readonly Dtype[]): readonly Dtype[] {
  return wanted === undefined ? order : [wanted, ...order.filter((one) => one !== wanted)];
}

function isSmallPart(path: string): boolean {
  return (
    /^([^/]+\.(json|jinja|model)|additional_chat_templates\/[^/]+\.jinja)$/.test(path) &&
    !/^(trainer_state|all_results|train_results)\.json$/.test(path)
  );
}

/** The weights in one form: sharded where there is an index, whole otherwise. */
function weightFiles<F extends ModelFile>(files: readonly F[]): readonly F[] {
  for (const [stem, ending] of [
    ["model", "safetensors"],
    ["pytorch_model", "bin"],
  ]) {
    const sharded = files.some(({ path }) => path === `${stem}.${ending}.index.json`);
    const shards = files.filter(({ path }) => isRoot(path, `.${ending}`) && shard.test(path));
    if (sharded && shards.length > 0) return shards;
    const whole = files.filter(({ path }) => path === `${stem}.${ending}`);
    if (whole.length > 0) return whole;
  }
  return [];
}

function isRoot(path: string, ending: string): boolean {
  return !path.includes("/") && path.endsWith(ending);
}
