import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PrumergeError } from "prumerge";
import type { CaseResult, Form } from "../outcome.js";
import type { NextCase, PackingCase, ProcessorCase } from "./case.js";
import type { TiledGoldens } from "./family.js";
import { replayModels } from "./model.js";
import { packingMisses } from "./packing.js";
import { processorMisses } from "./processor.js";

/** Levels at which nothing is reduced: what differs in a case, in words, or undefined where it is of a kind not known here. */
const levels = {
  processor: (folder: string, test: NextCase, family: TiledGoldens) =>
    processorMisses(folder, test as ProcessorCase, family),
  packing: (folder: string, test: NextCase, family: TiledGoldens) =>
    packingMisses(folder, test as PackingCase, family),
};

/** Replays every case of a folder of a family of pictures in tiles; those without a reduction once, as "-". */
export async function replayTiles(
  folder: string,
  family: TiledGoldens,
  forms: readonly Form[],
): Promise<Map<Form | "-", CaseResult[]>> {
  const { cases }: { cases: readonly NextCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const plain: CaseResult[] = [];
  for (const test of cases) if (test.level !== "model") plain.push(await replayCase(folder, test, family));
  const models = cases.filter(({ level }) => level === "model");
  return new Map([["-", plain], ...(models.length > 0 ? await replayModels(folder, models, forms) : [])]);
}

async function replayCase(folder: string, test: NextCase, family: TiledGoldens): Promise<CaseResult> {
  const { name, level, expected_error: error } = test;
  const replay = levels[level as keyof typeof levels];
  if (replay === undefined)
    return { name, outcome: "not covered", detail: `the level ${level} is not known` };
  try {
    const misses = await replay(folder, test, family);
    if (error !== null)
      return { name, outcome: "missed", detail: `the released program raises ${error.type}` };
    return { name, outcome: misses.length === 0 ? "passed" : "missed", detail: misses.join("; ") };
  } catch (failure) {
    if (error === null || !PrumergeError.isInstance(failure)) throw failure;
    return { name, outcome: "defined by us", detail: failure.message };
  }
}
