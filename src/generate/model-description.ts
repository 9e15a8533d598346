import { join } from "node:path";
import { type PreprocessSpec, parsePreprocessing } from "../image/index.js";
import { readChatTemplate, vicunaTemplate } from "../models/files/chat-template.js";
import { readImageProcessor } from "../models/files/image-processor.js";
import { readJsonObject, readOptionalJson } from "../models/files/json-file.js";
import { readSpecialTokens } from "../models/files/special-tokens.js";
import { parseLlavaConfig } from "../models/llava.js";
import { isModelFolder, readModelFolder } from "../models/model-folder.js";
import type { LlavaSpec } from "../models/spec.js";
import { findGraphs, type GraphFiles } from "../runtime/index.js";
import { bakedTokensOf } from "./baked-reduction.js";
import { describeManifest, type FolderFiles } from "./describe-manifest.js";

/** What a folder says about the model in it, whichever program wrote it. */
export interface ModelDescription {
  readonly folder: string;
  /** `converted`: by prumerge; `transformers.js`: the common layout, whose vision graph takes no settings. */
  readonly form: "converted" | "transformers.js";
  readonly spec: LlavaSpec;
  readonly preprocessing: PreprocessSpec;
  readonly imageToken: string;
  readonly endTokenIds: readonly number[];
  readonly chatTemplate: string;
  readonly graphs: GraphFiles;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly generationConfig: Readonly<Record<string, unknown>>;
}

/**
 * Reads everything in a model folder but the graphs.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_FILE or UNSUPPORTED_MODEL, naming the file
 */
export async function describeModel(
  folder: string,
  dtype?: Parameters<typeof findGraphs>[1],
): Promise<ModelDescription> {
  const [converted, tokenizer, tokenizerConfig, generationConfig] = await Promise.all([
    isModelFolder(folder),
    readJsonObject(join(folder, "tokenizer.json")),
    readOptionalJson(join(folder, "tokenizer_config.json")),
    readOptionalJson(join(folder, "generation_config.json")),
  ]);
  const texts = {
    tokenizer,
    tokenizerConfig: tokenizerConfig ?? {},
    generationConfig: generationConfig ?? {},
  };
  return converted ? describeConverted(folder, dtype, texts) : describePlain(folder, dtype, texts);
}

type Texts = Pick<FolderFiles, "tokenizer" | "tokenizerConfig" | "generationConfig">;

async function describeConverted(
  folder: string,
  dtype: Parameters<typeof findGraphs>[1],
  texts: Texts,
): Promise<ModelDescription> {
  const model = await readModelFolder(folder);
  const { vision, projector, embedTokens, decoder } = model.graphs;
  const graphs: GraphFiles =
    dtype === undefined || dtype === model.dtypes.decoder
      ? {
          folder: model.path,
          vision: { path: vision, form: "ours" },
          projector,
          embedTokens,
          decoder: { path: decoder, form: "ours" },
        }
      : await findGraphs(model.path, dtype);
  return describeManifest(model, { folder: model.path, chatTemplate: model.chatTemplate, graphs, ...texts });
}

async function describePlain(
  folder: string,
  dtype: Parameters<typeof findGraphs>[1],
  texts: Texts,
): Promise<ModelDescription> {
  const graphs = await findGraphs(folder, dtype);
  const config = await readJsonObject(join(folder, "config.json"));
  const spec = parseLlavaConfig(config, join(folder, "config.json"));
  const tokens = readSpecialTokens({ folder, spec, config, ...texts });
  const bakedTokens = bakedTokensOf(await readOptionalJson(join(folder, "processor_config.json")), spec);
  return {
    folder: graphs.folder,
    form: "transformers.js",
    spec,
    preprocessing: parsePreprocessing(await readImageProcessor(folder)),
    imageToken: tokens.image,
    endTokenIds: tokens.endOfSequenceIds,
    chatTemplate: (await readChatTemplate(folder, texts.tokenizerConfig)) ?? vicunaTemplate,
    graphs:
      graphs.vision?.form === "common" && bakedTokens !== undefined
        ? { ...graphs, vision: { ...graphs.vision, bakedTokens } }
        : graphs,
    ...texts,
  };
}
