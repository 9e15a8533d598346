import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PrumergeError } from "prumerge";
import type { CaseResult, Form } from "../outcome.js";
import type { NextCase, PackingCase, ProcessorCase } from "./case.js";
import { packingMisses } from "./packing.js";
import { processorMisses } from "./processor.js";

/** What differs in a case, in words; or why it is not covered. */
type Level = (folder: string, test: NextCase) => Promise<string[]> | string[];

const levels: Readonly<Record<string, Level>> = {
  processor: (folder, test) => processorMisses(folder, test as ProcessorCase),
  packing: (folder, test) => packingMisses(folder, test as PackingCase),
};

/** Replays every case of a folder of the llava_next family. */
export async function replayLlavaNext(folder: string): Promise<Map<Form | "-", CaseResult[]>> {
  const { cases }: { cases: readonly NextCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results: CaseResult[] = [];
  for (const test of cases) results.push(await replayCase(folder, test));
  return new Map([["-", results]]);
}

async function replayCase(folder: string, test: NextCase): Promise<CaseResult> {
  const { name, level, expected_error: error } = test;
  const replay = levels[level];
  if (replay === undefined) {
    return { name, outcome: "not covered", detail: `cases of the level ${level} are not replayed yet` };
  }
  try {
    const misses = await replay(folder, test);
    if (error !== null)
      return { name, outcome: "missed", detail: `the released program raises ${error.type}` };
    return { name, outcome: misses.length === 0 ? "passed" : "missed", detail: misses.join("; ") };
  } catch (failure) {
    if (error === null || !PrumergeError.isInstance(failure)) throw failure;
    return { name, outcome: "defined by us", detail: failure.message };
  }
}
