import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

export interface BuiltPage {
  readonly folder: string;
  remove(): void;
}

/** Builds a folder of this repository with Vite as a user would, the model folders beside it. */
export async function buildPage(source: string): Promise<BuiltPage> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-vite-"));
  await build({
    root: fileURLToPath(new URL(`../../${source}`, import.meta.url)),
    base: "./",
    publicDir: fileURLToPath(new URL("../../models", import.meta.url)),
    logLevel: "error",
    worker: { format: "es" },
    build: { outDir: folder, emptyOutDir: true, target: "es2022" },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
