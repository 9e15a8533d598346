import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const built = (path: string) => fileURLToPath(new URL(`./dist/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests under test/, and the page, use the built package by its public names, as users do.
    alias: [
      { find: /^prumerge$/, replacement: built("index.js") },
      { find: /^prumerge\/(reduce|image|onnx|convert|view|cost)$/, replacement: built("$1/index.js") },
      { find: /^prumerge\/drawing$/, replacement: built("view/drawing.js") },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "app/src/**/*.test.ts", "test/**/*.test.ts"],
    // Runs of their own: a registry, a browser, a minute of requests.
    exclude: ["test/pack/**", "test/page/**", "test/serve-soak/**", "**/node_modules/**"],
    setupFiles: ["test/support/property-seed.ts"],
    env: { ORT_DISABLE_TELEMETRY: "1" }, // for tests that use ONNX Runtime directly
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
