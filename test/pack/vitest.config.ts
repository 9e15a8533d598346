import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Installs the packed package from a registry: apart from `npm test`, which reaches no network. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: { include: ["test/pack/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000, maxWorkers: 4 },
});
