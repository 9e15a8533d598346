/** A part of the source whose tests are put to the proof: the files that faults are put in, and the tests that must see them. */
export interface Room {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

/** What `npm run mutants -- ROOM` knows; docs/testing.md has what each run found. */
export const rooms: Readonly<Record<string, Room>> = {
  reduce: {
    sources: ["src/reduce/**/*.ts"],
    tests: ["src/reduce/**/*.test.ts"],
  },
  caches: {
    sources: [
      "src/runtime/key-value-cache.ts",
      "src/runtime/input-only-cache.ts",
      "src/runtime/returned-cache.ts",
      "src/runtime/language-side.ts",
      "src/runtime/large-arrays.ts",
      "src/runtime/prefill-chunks.ts",
      "src/generate/prefix-reuse.ts",
    ],
    tests: [
      "src/runtime/{key-value-cache,returned-cache,language-side,large-arrays,prefill-chunks}.test.ts",
      "src/generate/prefix-reuse.test.ts",
    ],
  },
  // Seeing and answering; how a folder is found, described and loaded is guarded by tests of the built package.
  generate: {
    sources: [
      "src/generate/*.ts",
      "!src/generate/{prefix-reuse,load-model,assemble-model,find-folder,model,model-description}.ts",
      "!src/generate/{describe-manifest,model-input,tokenizer}.ts",
    ],
    // Without those that load the bundled model: they take seconds for every fault.
    tests: ["src/generate/!(interleaving|shared-prefix|load-model|times).test.ts"],
  },
  scoring: {
    sources: ["src/eval/scoring/**/*.ts", "src/eval/choices/**/*.ts", "src/eval/tasks/**/*.ts"],
    tests: ["src/eval/{scoring,choices,tasks}/**/*.test.ts"],
  },
  statistics: {
    sources: ["src/eval/statistics/**/*.ts"],
    tests: ["src/eval/statistics/**/*.test.ts"],
  },
};
