import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseResult, caseResult, type Form } from "../outcome.js";
import type { GridCase, PictureCase, PositionsCase, QwenCase, SizesCase } from "./case.js";
import { effivlmMisses } from "./effivlm.js";
import { placesMisses, positionsMisses, tableMisses, windowMisses } from "./grids.js";
import { type ModelCase, type ModelReplay, modelMisses, replayModels } from "./model.js";
import { pictureMisses, sizesMisses } from "./processor.js";
import { questionMisses } from "./question.js";

type Misses = readonly string[];

/** What differs in a case, in words. */
const kinds: Readonly<Record<string, (folder: string, test: never) => Misses | Promise<Misses>>> = {
  sizes: (_, test: SizesCase) => sizesMisses(test),
  picture: (folder, test: PictureCase) => pictureMisses(folder, test),
  pictures: (folder, test: PictureCase) => pictureMisses(folder, test),
  positions: (folder, test: PositionsCase) => positionsMisses(folder, test),
  window: (_, test: GridCase) => windowMisses(test),
  "position-table": (folder, test: GridCase) => tableMisses(folder, test),
  "patch-places": (_, test: GridCase) => placesMisses(test),
};

/** Replays every case of a folder of the families qwen2_vl, qwen2_5_vl and qwen3_vl. */
export async function replayQwenVl(folder: string): Promise<Map<Form | "-", CaseResult[]>> {
  const { cases }: { cases: readonly QwenCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results: CaseResult[] = [];
  for (const test of cases) if (!isModel(test)) results.push(await replayCase(folder, test));
  results.push(...(await replayModels(folder, cases.filter(isModel), replayOf)));
  return new Map([["-", results]]);
}

function isModel(test: QwenCase): test is ModelCase {
  return test.kind === undefined;
}

function replayOf({ name }: ModelCase): ModelReplay {
  if (name.includes("-effivlm-")) return effivlmMisses;
  return /-(cdpruner|openvino)-/.test(name) ? questionMisses : modelMisses;
}

async function replayCase(folder: string, test: QwenCase): Promise<CaseResult> {
  const { name, kind } = test;
  const replay = kinds[kind!];
  return replay === undefined
    ? { name, outcome: "not covered", detail: "a kind of case that is not replayed yet" }
    : caseResult(name, true, await replay(folder, test as never));
}
