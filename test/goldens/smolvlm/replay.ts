import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseResult, caseResult, type Form } from "../outcome.js";
import type { ModelCase, PositionsCase, ProcessorCase, SmolVlmCase } from "./case.js";
import { replayModels } from "./model.js";
import { positionsMisses } from "./positions.js";
import { processorMisses } from "./processor.js";

/** Levels without a model: what differs in a case, in words. */
const levels = {
  processor: (folder: string, test: SmolVlmCase) => processorMisses(folder, test as ProcessorCase),
  positions: async (folder: string, test: SmolVlmCase) => positionsMisses(folder, test as PositionsCase),
};

/** Replays every case of a folder of the smolvlm family; its reduced cases are given rows, planned as a method would plan them. */
export async function replaySmolVlm(folder: string): Promise<Map<Form | "-", CaseResult[]>> {
  const { cases }: { cases: readonly SmolVlmCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const plain: CaseResult[] = [];
  for (const test of cases) {
    const { name, level } = test;
    if (level === "model") continue;
    const replay = levels[level as keyof typeof levels];
    if (replay === undefined)
      plain.push({ name, outcome: "not covered", detail: `the level ${level} is not known` });
    else plain.push(caseResult(name, true, await replay(folder, test)));
  }
  const models = cases.filter(({ level }) => level === "model") as ModelCase[];
  const planned: [Form, CaseResult[]][] =
    models.length > 0 ? [["planner", await replayModels(folder, models)]] : [];
  return new Map<Form | "-", CaseResult[]>([["-", plain], ...planned]);
}
