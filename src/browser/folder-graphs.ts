import { PrumergeError } from "../errors.js";
import type { Manifest } from "../folder/manifest.js";
import type { GraphFiles } from "../runtime/model-folder.js";

/** `input-only`: the cache stays with JavaScript, and only new rows come out; `returned`: each run returns all of it. */
export type DecoderForm = "input-only" | "returned";

/**
 * The graphs of a folder that a browser opens. Prompts go through the decoder there, whatever the folder has for them.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for a tower or language model in int8: that WebAssembly multiplies whole numbers exactly
 * was not seen
 */
export function folderGraphs(folder: string, { graphs, dtypes }: Manifest, form: DecoderForm): GraphFiles {
  const integers = (["vision", "decoder"] as const).find((part) => dtypes[part] === "int8");
  if (integers !== undefined) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "graphs in int8 are not run in a browser", {
      where: `${folder}${graphs[integers]}`,
      expected: "fp32, fp16, q8 or q4",
      found: "int8",
      help: "Convert the checkpoint with another --dtype or --vision-dtype",
    });
  }
  return {
    folder,
    // One graph with one reduction is downloaded: others are planned beside it.
    vision: { path: graphs.vision, form: "ours" },
    ...(graphs.watching !== undefined && { watching: graphs.watching }),
    ...(graphs.projector !== undefined && { projector: graphs.projector }),
    embedTokens: graphs.embedTokens,
    decoder:
      form === "input-only"
        ? { path: graphs.decoder, form: "ours" }
        : { path: graphs.mergedDecoder, form: "common" },
  };
}

/** Of a folder's files, the graphs that are used, and all weights but those for prompts: graphs share them. */
export function filesOf(
  { files, graphs }: Manifest,
  { vision, watching, projector, embedTokens, decoder }: GraphFiles,
): Manifest["files"] {
  const used = [vision?.path, watching, projector, embedTokens, decoder?.path];
  const isShared = (path: string) => path.endsWith(".onnx_data") && path !== `${graphs.prefill}_data`;
  return files.filter(({ path }) => used.includes(path) || isShared(path));
}
