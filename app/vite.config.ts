import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defaultClientConditions, defineConfig } from "vite";
import { modelFolder } from "./build/model-folder.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * The page in its two forms: `--mode server` for `prumerge serve`, which answers over HTTP, and `--mode static`, a folder
 * that runs the bundled model in the browser. They differ in the module behind `#backend` alone.
 */
export default defineConfig(({ mode }) => ({
  root: path("."),
  base: "./",
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false }), modelFolder(path("../models/pocket-llava"))],
  resolve: {
    alias: [
      { find: "#backend", replacement: path(`./src/backend/${mode === "server" ? "server" : "browser"}.ts`) },
      { find: /^prumerge\/(browser|reduce|view)$/, replacement: path("../dist/$1/index.js") },
    ],
    // ONNX Runtime's glue and WebAssembly stay files of their own: threads load the glue again.
    conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions],
  },
  worker: { format: "es" as const },
  build: {
    outDir: path(mode === "server" ? "../dist/page" : "./dist"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      output: {
        // Not every web server knows that .mjs is JavaScript.
        assetFileNames: ({ names }: { names: string[] }) =>
          names[0]?.endsWith(".mjs") ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
      },
    },
  },
}));
