import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import whole from "../../vitest.config.js";
import { rooms } from "./rooms.js";

/** The tests of one room alone. Stryker's own choice of test files would leave faults in constants without effect (9.6). */
export default defineConfig({
  ...whole,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: { ...whole.test, include: [...rooms[process.env.PRUMERGE_MUTANTS_ROOM ?? ""]!.tests] },
});
