import { basename, join } from "node:path";
import { PrumergeError } from "../errors.js";
import type { ConvertFamily } from "../families/convert-family.js";
import { runFamily } from "../families/run-registry.js";
import { withVideos } from "../families/with-videos.js";
import { isModelFolder, readModelFolder } from "../folder/model-folder.js";
import { parsePreprocessing } from "../image/index.js";
import { ConfigReader } from "../models/config-reader.js";
import { readChatTemplate } from "../models/files/chat-template.js";
import { readImageProcessor } from "../models/files/image-processor.js";
import { readJsonObject, readOptionalJson } from "../models/files/json-file.js";
import type { Note } from "../models/files/note.js";
import { repairTokenizer } from "../models/files/repair-tokenizer.js";
import { readSpecialTokens } from "../models/files/special-tokens.js";
import { readTokenizerConfig } from "../models/files/token-files.js";
import { readVideoProcessor } from "../models/files/video-processor.js";
import type { ModelSpec } from "../models/spec.js";
import { checkTowerSize } from "../models/tower-size.js";
import { findGraphs, type GraphFiles, othersBeside } from "../runtime/index.js";
import { bakedTokensOf } from "../see/baked-reduction.js";
import { describeManifest } from "./describe-manifest.js";
import type { FolderDescription, FolderFiles } from "./folder-description.js";

/**
 * Reads everything in a model folder but the graphs.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_FILE or UNSUPPORTED_MODEL, naming the file
 */
export async function describeFolder(
  folder: string,
  dtype?: Parameters<typeof findGraphs>[1],
): Promise<FolderDescription> {
  const path = join(folder, "tokenizer.json");
  const [converted, stored, generationConfig] = await Promise.all([
    isModelFolder(folder),
    readJsonObject(path),
    readOptionalJson(join(folder, "generation_config.json")),
  ]);
  const notes: string[] = [];
  const note = (sentence: string) => void notes.push(sentence);
  const tokenizerConfig = await readTokenizerConfig(folder, stored, note);
  const tokenizer = repairTokenizer(stored, tokenizerConfig, path, { note });
  const texts = { tokenizer, tokenizerConfig, generationConfig: generationConfig ?? {}, notes };
  return converted ? describeConverted(folder, dtype, texts) : describePlain(folder, dtype, texts, note);
}

type Texts = Pick<FolderFiles, "tokenizer" | "tokenizerConfig" | "generationConfig" | "notes">;

async function describeConverted(
  folder: string,
  dtype: Parameters<typeof findGraphs>[1],
  texts: Texts,
): Promise<FolderDescription> {
  const model = await readModelFolder(folder);
  const { vision, watching, projector, embedTokens, decoder, prefill } = model.graphs;
  const names = new Set(model.files.map((file) => basename(file.path)));
  const graphs: GraphFiles =
    dtype === undefined || dtype === model.dtypes.decoder
      ? {
          folder: model.path,
          vision: { path: vision, form: "ours", ...othersBeside(vision, names) },
          ...(watching !== undefined && { watching }),
          ...(projector !== undefined && { projector }),
          embedTokens,
          decoder: { path: decoder, form: "ours" },
          ...(prefill !== undefined && { prefill: { path: prefill, dtype: model.dtypes.prefill! } }),
        }
      : await findGraphs(model.path, dtype);
  return describeManifest(model, { folder: model.path, chatTemplate: model.chatTemplate, graphs, ...texts });
}

async function describePlain(
  folder: string,
  dtype: Parameters<typeof findGraphs>[1],
  texts: Texts,
  note: Note,
): Promise<FolderDescription> {
  const graphs = await findGraphs(folder, dtype);
  const where = join(folder, "config.json");
  const config = await readJsonObject(where);
  const { spec, family } = await specOfOthers(config, where);
  const pictures = parsePreprocessing(await readImageProcessor(folder, note), folder);
  const preprocessing = withVideos(family, pictures, await readVideoProcessor(folder), folder, note);
  family.checkPictures(preprocessing, folder, new ConfigReader(config, where));
  checkTowerSize(preprocessing, spec);
  const tokens = readSpecialTokens({ folder, spec, config, ...texts });
  const exported = runFamily(spec).exported!;
  for (const sentence of exported.notes?.(spec) ?? []) note(sentence);
  const bakedTokens = bakedTokensOf(await readOptionalJson(join(folder, "processor_config.json")), spec);
  return {
    folder: graphs.folder,
    form: "transformers.js",
    spec: exported.without?.(spec) ?? spec,
    preprocessing,
    imageToken: tokens.image,
    endTokenIds: tokens.endOfSequenceIds,
    chatTemplate:
      (await readChatTemplate(folder, texts.tokenizerConfig, note)) ??
      usualConversation(family, spec, folder, note),
    graphs:
      graphs.vision?.form === "common" && bakedTokens !== undefined
        ? { ...graphs, vision: { ...graphs.vision, bakedTokens } }
        : graphs,
    ...texts,
  };
}

/** What a configuration beside graphs of another program says. Converted folders have it in their manifest. */
async function specOfOthers(
  config: Readonly<Record<string, unknown>>,
  where: string,
): Promise<{ readonly spec: ModelSpec; readonly family: ConvertFamily }> {
  const { convertFamily, parseModelConfig } = await import("../families/convert-registry.js"); // with the graph builder
  const spec = parseModelConfig(config, where);
  const family = convertFamily(spec);
  if (runFamily(spec).exported !== undefined) return { spec, family };
  throw new PrumergeError(
    "UNSUPPORTED_MODEL",
    `graphs of ${family.title} that another program wrote are not run`,
    {
      where,
      expected: "a folder written by prumerge convert",
      help: "Convert the checkpoint that they were made of: prumerge convert CHECKPOINT FOLDER",
    },
  );
}

/** The conversation that the family's own code asks in, where the folder tells none. */
function usualConversation(family: ConvertFamily, spec: ModelSpec, folder: string, note: Note): string {
  const found = family.conversation(spec);
  if (found === undefined) {
    throw new PrumergeError("NOT_FOUND", "no chat template, and none is known for this language model", {
      where: folder,
      expected: "chat_template.jinja, or chat_template in tokenizer_config.json",
      help: "Put the one that the model was trained with there, as chat_template.jinja",
    });
  }
  if (found.guessed)
    note(`${folder}: no chat template; the conversation ${found.name} of ${family.title}'s own code is used`);
  return found.template;
}
