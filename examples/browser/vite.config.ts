import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `npx vite examples/browser`; the model folders are served as they are. */
export default defineConfig({
  base: "./",
  publicDir: fileURLToPath(new URL("../../models", import.meta.url)),
  build: { target: "es2022" }, // the example awaits at its top
  worker: { format: "es" },
});
