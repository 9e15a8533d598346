import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { samplePath } from "../../model/find-folder.js";
import { type Budget, noReduction, type Reducer } from "../../reduce/index.js";
import { defaultLimits } from "../limits.js";
import { type Sight, seeBytes } from "./see-pictures.js";
import { SeenMemory } from "./seen-memory.js";

const none = new Int32Array(1);
const empty = { keptPatches: none, offsets: none, columns: none, weights: new Float32Array(1) };

it("a picture is remembered for one budget of a method, also where its options do not spell it", async () => {
  const asked: Budget[] = [];
  const sight: Sight = {
    model: {
      async see(_picture: unknown, reducer?: Reducer) {
        asked.push(reducer!.budget);
        return { embeddings: { data: new Float32Array(1) }, plan: empty } as never;
      },
    } as never,
    memory: new SeenMemory(2 ** 20, () => {}),
    limits: defaultLimits,
    fetchPicture: undefined,
    defaultReducer: noReduction(),
    defaultBudget: undefined,
    defaultPositions: "contiguous",
  };
  const bytes = readFileSync(samplePath("sample_1.png"));
  const budgets: Budget[] = [{ kind: "rule" }, { kind: "all" }, { kind: "exact", rows: 9 }];
  for (const budget of [...budgets, ...budgets]) {
    const reducer = { ...noReduction(), method: "of-my-own", budget, options: {} };
    const request = { reducer, imageAspect: undefined, remember: true };
    await seeBytes(sight, bytes, request, new AbortController().signal);
  }
  expect(asked).toEqual(budgets);
  for (const positions of ["original", "contiguous", "original"] as const) {
    const reducer = { ...noReduction(), method: "of-my-own", budget: budgets[0]!, options: {} };
    const request = { reducer, imageAspect: undefined, positions, remember: true };
    await seeBytes(sight, bytes, request, new AbortController().signal);
  }
  expect(asked).toEqual([...budgets, budgets[0]]);
});
