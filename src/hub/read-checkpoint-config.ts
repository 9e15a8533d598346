import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import type { ParameterCounts } from "../families/checkpoint-tensors.js";
import { ConfigReader } from "../models/config-reader.js";

/** What a checkpoint's config.json says that matters before its weights are here. */
export interface CheckpointConfig {
  /** `torch_dtype` or `dtype`. */
  readonly storedType?: string;
  /** Undefined where other files say the rest: language models, and the original LLaVA layout. */
  readonly parameters?: ParameterCounts;
  /** Whether the embedding table is the output layer, too. Default false. */
  readonly tiedEmbeddings?: boolean;
}

/** Language models, which a projector or an adapter gives eyes. */
const bases: readonly string[] = ["llama", "mistral", "qwen2"];

/**
 * Reads the config.json of a checkpoint, whose weights may not be here: an architecture that is not converted is refused
 * before gigabytes are fetched for it. A file that is missing, or says no `model_type`, is left to the conversion.
 *
 * @param name of the model, for messages
 * @throws PrumergeError UNSUPPORTED_MODEL or INVALID_FILE
 */
export async function readCheckpointConfig(folder: string, name: string): Promise<CheckpointConfig> {
  const text = await readFile(join(folder, "config.json"), "utf8").catch(() => undefined);
  if (text === undefined) return {};
  const where = `${name}, config.json`;
  const config = new ConfigReader(parse(text, where), where);
  const type = config.string("model_type", "");
  const stored =
    config.raw("torch_dtype") ?? config.raw("dtype") ?? config.object("text_config")?.raw("torch_dtype");
  const [{ huggingFaceFamily, isOriginalLlava }, { checkpointTensors, countParameters }] = await Promise.all([
    import("../families/convert-registry.js"), // with the graph builder
    import("../families/checkpoint-tensors.js"),
  ]);
  const elsewhere = type === "" || bases.includes(type) || isOriginalLlava(config);
  const spec = elsewhere ? undefined : huggingFaceFamily(config).huggingFace.parse(config);
  return {
    ...(typeof stored === "string" && { storedType: stored }),
    ...(spec !== undefined && {
      parameters: countParameters(checkpointTensors(spec)),
      tiedEmbeddings: spec.language.tiedEmbeddings,
    }),
  };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
}
