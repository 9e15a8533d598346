import { join } from "node:path";
import { tokenText } from "../convert/source/special-tokens.js";
import type { Dtype } from "../models/dtypes.js";
import { loadEngine } from "../runtime/index.js";
import { ChatTemplate, type NamedTokens } from "./chat-template.js";
import { bundledModel, type FindFolderOptions, findFolder } from "./find-folder.js";
import { keyValueBytesPerToken } from "./key-value-bytes.js";
import { LoadedModel } from "./model.js";
import { describeModel, type ModelDescription } from "./model-description.js";
import { PrefixPool } from "./prefix-reuse.js";
import { suppressedTokens } from "./suppressed-tokens.js";
import { createTokenizer } from "./tokenizer.js";

export interface LoadOptions extends Omit<FindFolderOptions, "visionDtype"> {
  /** Execution provider of ONNX Runtime; default `cpu`, which is what is tested. */
  readonly device?: string;
  /** Threads of one run; default: one per core. */
  readonly threads?: number;
  /** Which precision, where a folder holds several. Default: the most precise. */
  readonly dtype?: Dtype;
  /** Keep the sessions in worker threads, so that the caller's event loop stays free. Default true. */
  readonly worker?: boolean;
  /** Bytes of key/value caches of earlier prompts to keep; the latest is always kept. Default 512 MiB. */
  readonly keepCacheBytes?: number;
}

/**
 * Loads a model: the bundled one, a model folder, or a model of the hub by `owner/name`.
 *
 * @param idOrFolder default: the bundled `pocket-llava`
 * @throws PrumergeError NOT_FOUND with what was looked for; UNSUPPORTED_MODEL for an unconverted checkpoint, with the
 * command that converts it; INVALID_FILE for a damaged folder; INVALID_OPTION; NETWORK
 */
export async function loadModel(
  idOrFolder: string = bundledModel,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const { device, threads, dtype, worker, keepCacheBytes, ...find } = options;
  const folder = await findFolder(idOrFolder, { ...find, ...(dtype && { dtype }) });
  const description = await describeModel(folder, dtype);
  const engine = await loadEngine(description.graphs, {
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(worker !== undefined && { worker }),
    warm: ["vision", "language"],
  });
  try {
    return await assemble(description, engine, keepCacheBytes);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

async function assemble(
  description: ModelDescription,
  engine: Awaited<ReturnType<typeof loadEngine>>,
  keepCacheBytes: number | undefined,
): Promise<LoadedModel> {
  const { spec, imageToken, generationConfig } = description;
  const tokens = namedTokens(description.tokenizerConfig);
  const bytesPerToken = keyValueBytesPerToken(spec.language);
  const suggested = generationConfig.max_new_tokens;
  return new LoadedModel(description, {
    engine,
    prefixes: new PrefixPool(engine, {
      bytesPerToken,
      ...(keepCacheBytes !== undefined && { keepBytes: keepCacheBytes }),
    }),
    language: spec.language,
    prompts: {
      tokenizer: createTokenizer(
        description.tokenizer,
        description.tokenizerConfig,
        join(description.folder, "tokenizer.json"),
      ),
      bosToken: tokens.bos_token,
      imageToken,
      imageTokenId: spec.imageTokenId,
    },
    template: new ChatTemplate(description.chatTemplate, tokens, imageToken),
    endIds: new Set(description.endTokenIds),
    suppressedIds: suppressedTokens(
      generationConfig,
      spec.language.vocabularySize,
      join(description.folder, "generation_config.json"),
    ),
    suggestedNewTokens:
      Number.isSafeInteger(suggested) && (suggested as number) > 0 ? (suggested as number) : undefined,
  });
}

/** `bos_token` and the like as templates print them. */
function namedTokens(tokenizerConfig: Readonly<Record<string, unknown>>): NamedTokens {
  const named = Object.entries(tokenizerConfig)
    .filter(([name]) => name.endsWith("_token"))
    .map(([name, token]) => [name, tokenText(token)]);
  return Object.fromEntries(named.filter(([, text]) => text !== undefined));
}
