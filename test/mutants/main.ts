import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PartialStrykerOptions } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { rooms } from "./rooms.js";
import { summary } from "./summary.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [name = "", ...only] = process.argv.slice(2);
const room = rooms[name];
if (room === undefined) {
  console.error(`npm run mutants -- ROOM [FILE ...]: ROOM is one of ${Object.keys(rooms).join(", ")}`);
  process.exit(2);
}

const reports = join(root, "reports", "mutants");
mkdirSync(reports, { recursive: true });
const report = join(reports, `${name}.json`);
const options: PartialStrykerOptions = {
  mutate: only.length > 0 ? only : [...room.sources, "!**/*.test.ts"],
  testRunner: "vitest",
  vitest: { configFile: "test/mutants/vitest.config.ts" },
  coverageAnalysis: "perTest",
  plugins: ["@stryker-mutator/vitest-runner", join(root, "test/mutants/message-texts.mjs")],
  ignorers: ["message-texts"],
  // Only what was changed since the last run of this room, and the tests that were.
  incremental: true,
  incrementalFile: join(reports, `${name}.incremental.json`),
  reporters: ["json", "html", "progress-append-only"],
  jsonReporter: { fileName: report },
  htmlReporter: { fileName: join(reports, `${name}.html`) },
  ignorePatterns: ["/biome.json", "/training", "/docs", "/deploy", "/examples"],
  concurrency: Number(process.env.PRUMERGE_MUTANTS_CONCURRENCY ?? Math.min(4, availableParallelism())),
  timeoutMS: 20_000, // other work on the machine is no endless loop
  allowConsoleColors: false,
  tsconfigFile: "none.json", // nothing is built
};

process.chdir(root);
process.env.PRUMERGE_MUTANTS_ROOM = name;
await new Stryker(options).runMutationTest();
console.log(summary(JSON.parse(readFileSync(report, "utf8"))));
