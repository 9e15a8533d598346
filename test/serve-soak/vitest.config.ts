import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** A minute of requests against the built server: apart from `npm test`, since it takes that minute. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/serve-soak/**/*.test.ts"],
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
