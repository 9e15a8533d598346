import { applyPlan, checkPlan, mergePlan, type Reducer, type Signals } from "prumerge/reduce";
import { type CaseResult, caseResult, guarded, guardedLater } from "../outcome.js";
import {
  caseSignals,
  gridEnd,
  type PrumergeCase,
  type RecordedPicture,
  readCases,
  recordedPictures,
} from "./case.js";
import { differences, type Reduction, tokenDifference } from "./compare.js";
import { attentionOf, derivePicture, order } from "./derive.js";
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
    if (!isFixedPlus(test))
      results.push(await guardedLater(test.name, () => replayCase(folder, cases, test, implementation)));
    // It is in no graph, so that it is replayed once.
    else if (implementation.form === "reducer")
      results.push(guarded(test.name, () => replayFixedPlus(folder, test)));
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
  const short = missesTail(test);
  const expected = short
    ? signals.map((one, at) => derivePicture(test, one, attentionOf(folder, test, signals)[at]!))
    : expectation(folder, cases, test, signals);
  const misses = short ? tailMisses(folder, test) : [];
  for (const [picture, recorded] of expected.entries()) {
    const ours = await reduce(signals[picture], recipe[form]);
    misses.push(...differences(test.ambiguous, recorded, signals[picture], ours, tolerance));
  }
  return caseResult(test.name, test.expected_error === null && !short, misses);
}

/** Beyond 576 patches the released grid, whose end is written out, leaves the tail of the picture without samples. Ours has it whole. */
function missesTail(test: PrumergeCase): boolean {
  const { if_adaptive: adaptive, N: count } = test.parameters;
  const plus = test.source.function.endsWith("_plus");
  return adaptive && plus && test.expected_error === null && gridEnd(test) < count - 1;
}

/** What was recorded is held against that grid, and merging against what was recorded of it. */
function tailMisses(folder: string, test: PrumergeCase): string[] {
  const signals = caseSignals(folder, test);
  return recordedPictures(folder, test).flatMap(({ kept, attention, tokens }, at) => {
    const outliers = order(attention).slice(0, Math.trunc(attention.length * test.expected.ratio));
    const stride = Math.trunc(Math.trunc(1 / test.expected.ratio) / 3);
    const line = Array.from({ length: Math.ceil(gridEnd(test) / stride) }, (_, i) => i * stride);
    const rows = [...outliers, ...line.filter((patch) => !outliers.includes(patch))];
    const merged = applyPlan(mergePlan(signals[at]!, kept), signals[at]!.patches);
    return [
      ...(rows.join() === Array.from(kept).join()
        ? []
        : [`recorded ${kept.join(" ")}, by its rule ${rows.join(" ")}`]),
      ...tokenDifference("tokens of the recorded choice", merged.data, tokens, 1e-5),
    ];
  });
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
