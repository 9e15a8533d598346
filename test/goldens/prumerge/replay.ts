import { applyPlan, checkPlan, type Reducer, type Signals } from "prumerge/reduce";
import type { CaseResult } from "../outcome.js";
import { caseSignals, type PrumergeCase, type RecordedPicture, readCases, recordedPictures } from "./case.js";
import { differences, type Reduction } from "./compare.js";
import { attentionOf, derivePicture } from "./derive.js";
import { isFixedPlus, replayFixedPlus } from "./fixed-plus.js";
import { type Recipe, recipeFor } from "./recipe.js";

/** The implementation under test, from one picture's signals. */
export interface Implementation {
  readonly reduce: (signals: Signals, reducer: Reducer) => Reduction | Promise<Reduction>;
  /** Which form of a recipe it takes. */
  readonly form: keyof Recipe;
  /** Largest error of merged tokens, relative to the largest value. */
  readonly tolerance: number;
}

/** The TypeScript planner. */
export const planner: Implementation = {
  form: "reducer",
  tolerance: 1e-5,
  reduce(signals, reducer) {
    const plan = reducer.plan(signals);
    checkPlan(plan);
    const keptPatches = plan.keptPatches.filter((patch) => patch >= 0);
    return { keptPatches, tokens: applyPlan(plan, signals.patches), plan };
  },
};

/** Replays every case of a folder of the prumerge family. */
export async function replayPrumerge(
  folder: string,
  implementation: Implementation = planner,
): Promise<CaseResult[]> {
  const cases = readCases(folder);
  const results: CaseResult[] = [];
  for (const test of cases) {
    if (!isFixedPlus(test)) results.push(await replayCase(folder, cases, test, implementation));
    // It is in no graph, so that it is replayed once.
    else if (implementation.form === "reducer") results.push(replayFixedPlus(folder, test));
  }
  return results;
}

async function replayCase(
  folder: string,
  cases: readonly PrumergeCase[],
  test: PrumergeCase,
  { form, reduce, tolerance }: Implementation,
): Promise<CaseResult> {
  const signals = caseSignals(folder, test);
  const recipe = recipeFor(test, signals);
  const expected = expectation(folder, cases, test, signals);
  const misses: string[] = [];
  for (const [picture, recorded] of expected.entries()) {
    const ours = await reduce(signals[picture], recipe[form]);
    misses.push(...differences(test.ambiguous, recorded, signals[picture], ours, tolerance));
  }
  const good = test.expected_error === null ? "passed" : "defined by us";
  return { name: test.name, outcome: misses.length === 0 ? good : "missed", detail: misses.join("; ") };
}

/** The recorded result; where the official code raises, that of its minimally repaired twin, or what the documented rule gives. */
function expectation(
  folder: string,
  cases: readonly PrumergeCase[],
  test: PrumergeCase,
  signals: readonly Signals[],
): RecordedPicture[] {
  if (test.expected_error === null) return recordedPictures(folder, test);
  const repaired = cases.find(
    (other) =>
      other.expected_error === null && /^-(grid|gridN|k|grid-k)$/.test(other.name.replace(test.name, "")),
  );
  if (repaired !== undefined) return recordedPictures(folder, repaired);
  const attentions = attentionOf(folder, test, signals);
  return signals.map((picture, at) => derivePicture(test, picture, attentions[at]));
}
