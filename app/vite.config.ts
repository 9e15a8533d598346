import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defaultClientConditions, defineConfig } from "vite";
import { contentPolicy } from "./build/content-policy.ts";
import { modelFolder } from "./build/model-folder.ts";
import { samplePictures } from "./build/samples.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const bundled = path("../models/pocket-llava");

/**
 * The page in its two forms: `--mode server` for `prumerge serve`, which answers over HTTP, and `--mode static`, a folder
 * that runs the bundled model in the browser. They differ in the module behind `#backend`, and in who says what the page
 * may load: the server by a header, the folder by itself.
 */
export default defineConfig(({ mode }) => {
  const served = mode === "server";
  return {
    root: path("."),
    base: "./",
    plugins: [
      preact({ devToolsEnabled: false, prefreshEnabled: false }),
      ...(served ? [] : [contentPolicy(), modelFolder(bundled), samplePictures(`${bundled}/samples`)]),
    ],
    resolve: {
      alias: [
        { find: "#backend", replacement: path(`./src/backend/${served ? "server" : "browser"}.ts`) },
        { find: /^prumerge\/(browser|reduce)$/, replacement: path("../dist/$1/index.js") },
        { find: "prumerge/drawing", replacement: path("../dist/view/drawing.js") },
      ],
      // ONNX Runtime's glue and WebAssembly stay files of their own: threads load the glue again.
      conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions],
    },
    worker: { format: "es" },
    build: {
      outDir: path(served ? "../dist/app" : "./dist"),
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
      rolldownOptions: {
        output: {
          // Not every web server knows that .mjs is JavaScript.
          assetFileNames: ({ names }) =>
            names[0]?.endsWith(".mjs") ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
        },
      },
    },
  };
});
