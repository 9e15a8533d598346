/** A part of the source whose tests are put to the proof: the files that faults are put in, and the tests that must see them. */
export interface Room {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

const rules = "src/eval/tasks/*/{judge,read-choice,rules,score,shares,subtasks,yes-no}.ts";

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
  // Seeing and answering; how a folder is found, described and loaded (`src/model`) is guarded by tests of the built package.
  answer: {
    sources: [
      "src/{see,generate}/*.ts",
      "src/model/{compare-reducers,model-methods}.ts",
      "!src/generate/{prefix-reuse,tokenizer}.ts",
    ],
    // Without those that load the bundled model: they take seconds for every fault.
    tests: [
      "src/{see,generate}/*.test.ts",
      "src/model/!(interleaving|shared-prefix|load-model|times).test.ts",
    ],
  },
  // What an answer is worth: how it is read, compared and added up, by the official rules.
  scoring: {
    sources: ["src/eval/scoring/**/*.ts", "src/eval/choices/**/*.ts", rules],
    tests: [
      "src/eval/{scoring,choices}/**/*.test.ts",
      "src/eval/tasks/{shares,*/!(files|upload-sheet)}.test.ts",
    ],
  },
  // What benchmarks' files say, what is asked about them, and which files of answers are taken.
  benchmarks: {
    sources: ["src/eval/tasks/**/*.ts", `!${rules}`],
    tests: ["src/eval/tasks/**/*.test.ts"],
  },
  statistics: {
    sources: ["src/eval/statistics/**/*.ts"],
    tests: ["src/eval/statistics/**/*.test.ts"],
  },
};
