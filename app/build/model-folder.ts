import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Graphs that only other programs use. */
const left = /(^|\/)vision_encoder[^/]*\.onnx$/;

/**
 * Makes `virtual:model` the address of a model folder: the folder itself while developing, else a copy beside the page,
 * under a name that changes with its contents so that no cache gives old weights to a new page.
 */
export function modelFolder(folder: string): Plugin {
  let building = false;
  return {
    name: "prumerge-model-folder",
    configResolved: ({ command }) => {
      building = command === "build";
    },
    resolveId: (id) => (id === "virtual:model" ? "\0virtual:model" : undefined),
    load(id) {
      if (id !== "\0virtual:model") return undefined;
      if (!building) return `export default ${JSON.stringify(`/@fs${folder}/`)};`;
      const manifest = JSON.parse(readFileSync(join(folder, "prumerge.json"), "utf8"));
      const paths: string[] = ["prumerge.json", ...manifest.files.map(({ path }: { path: string }) => path)];
      const files = paths
        .filter((path) => !left.test(path))
        .map((path) => ({ path, source: readFileSync(join(folder, path)) }));
      const hash = createHash("sha256");
      for (const { path, source } of files) hash.update(path).update(source);
      const target = `model-${hash.digest("hex").slice(0, 8)}`;
      for (const { path, source } of files) {
        this.emitFile({ type: "asset", fileName: `${target}/${path}`, source });
      }
      return `export default ${JSON.stringify(`./${target}/`)};`;
    },
  };
}
