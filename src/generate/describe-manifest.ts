import type { Manifest } from "../models/manifest.js";
import type { ModelDescription } from "./model-description.js";

/** What of a model folder stands beside its manifest. */
export type FolderFiles = Pick<
  ModelDescription,
  "folder" | "chatTemplate" | "graphs" | "tokenizer" | "tokenizerConfig" | "generationConfig" | "notes"
>;

/** What a folder written by prumerge says about its model. */
export function describeManifest(
  manifest: Pick<Manifest, "spec" | "preprocessing" | "imageToken" | "eosTokenIds" | "world">,
  files: FolderFiles,
): ModelDescription {
  return {
    form: "converted",
    spec: manifest.spec,
    preprocessing: manifest.preprocessing,
    imageToken: manifest.imageToken,
    endTokenIds: manifest.eosTokenIds,
    ...(manifest.world !== undefined && { world: manifest.world }),
    ...files,
  };
}
