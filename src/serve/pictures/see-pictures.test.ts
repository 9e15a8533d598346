import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { samplePath } from "../../model/find-folder.js";
import type { SeeOptions } from "../../model/see-options.js";
import { type Budget, createReducer, noReduction, type Reducer } from "../../reduce/index.js";
import { defaultLimits } from "../limits.js";
import { type Sight, seeBytes } from "./see-pictures.js";
import { SeenMemory } from "./seen-memory.js";

const none = new Int32Array(1);
const empty = { keptPatches: none, offsets: none, columns: none, weights: new Float32Array(1) };

/** With a model that sees nothing, and tells what it was asked for. */
function sightOf(see: (picture: unknown, reducer?: Reducer, options?: SeeOptions) => Promise<void>): Sight {
  return {
    model: {
      async see(picture: unknown, reducer?: Reducer, options?: SeeOptions) {
        await see(picture, reducer, options);
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
}

it("a picture is remembered for one budget of a method, also where its options do not spell it", async () => {
  const asked: Budget[] = [];
  const sight = sightOf(async (_picture, reducer) => {
    asked.push(reducer!.budget);
  });
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

it("a picture is remembered for one area, which the model is told", async () => {
  const told: (number | undefined)[] = [];
  const sight = sightOf(async (_picture, _reducer, options) => {
    told.push(options?.maxPixels);
  });
  const bytes = readFileSync(samplePath("sample_1.png"));
  for (const area of [{}, { maxPixels: 4000 }, { minPixels: 4000 }, { maxPixels: 4000 }]) {
    const request = { reducer: noReduction(), imageAspect: undefined, area, remember: true };
    await seeBytes(sight, bytes, request, new AbortController().signal);
  }
  expect(told).toEqual([undefined, 4000, undefined]);
});

it("a picture is remembered for one question where the method reads it, or its relevance is asked for", async () => {
  const asked: SeeOptions["question"][] = [];
  const sight = sightOf(async (_picture, _reducer, options) => {
    asked.push(options?.question);
  });
  const bytes = readFileSync(samplePath("sample_1.png"));
  const ask = async (reducer: Reducer, question: string, signals = false) => {
    const request = { reducer, imageAspect: undefined, remember: true, question, signals };
    const seen = await seeBytes(sight, bytes, request, new AbortController().signal);
    return seen.remembered;
  };
  const reading = createReducer("cdpruner", { tokens: 9 });
  const plain = createReducer("uniform", { tokens: 9 });
  expect([await ask(reading, "One?"), await ask(reading, "Two?"), await ask(reading, "One?")]).toEqual([
    ...[false, false, true],
  ]);
  expect([await ask(plain, "One?"), await ask(plain, "Two?")]).toEqual([false, true]);
  expect([await ask(plain, "One?", true), await ask(plain, "Two?", true)]).toEqual([false, false]);
  expect(asked).toEqual(["One?", "Two?", undefined, "One?", "Two?"]);
});
