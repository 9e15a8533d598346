import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Drives a real Chromium: apart from `npm test`, which needs none. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: {
    alias: [
      { find: /^prumerge$/, replacement: fileURLToPath(new URL("../../dist/index.js", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/page/**/*.test.ts"],
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 240_000,
    hookTimeout: 300_000,
    maxWorkers: 1, // each browser computes with all threads
  },
});
