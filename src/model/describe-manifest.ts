import type { Manifest } from "../folder/manifest.js";
import type { FolderDescription, FolderFiles } from "./folder-description.js";

/** What a folder written by prumerge says about its model. */
export function describeManifest(
  manifest: Pick<Manifest, "spec" | "preprocessing" | "imageToken" | "eosTokenIds" | "world">,
  files: FolderFiles,
): FolderDescription {
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
