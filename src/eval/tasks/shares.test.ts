import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shortAnswers } from "../../../test/support/short-answers.js";
import { checkAnswers } from "../answers/check-answers.js";
import { readAnswers } from "../answers/given-answers.js";
import type { Share, Task, Verdict } from "../task.js";
import { mmbenchShares } from "./mmbench/judge.js";
import { mmbench } from "./mmbench/mmbench.js";
import { mme } from "./mme/mme.js";
import { mmeShares } from "./mme/score.js";
import { pope } from "./pope/pope.js";
import { popeRules, type Said } from "./pope/rules.js";
import { aggregatePope, categories, type PopeVerdict } from "./pope/score.js";
import { popeShares } from "./pope/shares.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/eval/${name}`, import.meta.url));

const sumOf = <V extends Verdict>(shares: readonly Share<V>[], verdicts: readonly V[]) =>
  shares.reduce((value, { points, right, whole }) => {
    const [above, below] = [right, whole].map((of) => verdicts.reduce((sum, one) => sum + of(one), 0));
    return value + (below === 0 ? 0 : (points * above) / below);
  }, 0);

async function judged<V extends Verdict>(task: Task<V>, folder: string, answers: string, scorer: string) {
  const loaded = await task.load(folder, { scorer });
  return {
    loaded,
    verdicts: loaded.judge(checkAnswers(loaded, await readAnswers(loaded, [answers])).answers),
  };
}

describe("shares are what a score is made of", () => {
  it.each(Object.keys(popeRules) as (keyof typeof popeRules)[])("POPE, %s", async (scorer) => {
    const folder = join(shortAnswers, "pope");
    const { loaded, verdicts } = await judged(pope, folder, join(folder, "answers.jsonl"), scorer);
    for (const { name, value } of loaded.aggregate(verdicts).scores) {
      const shares = popeShares(name, verdicts, popeRules[scorer]);
      expect(loaded.shares!(name, verdicts)!.length, name).toBe(shares.length);
      if (scorer === "lmms_eval" && name.endsWith("yes-ratio")) expect(shares).toEqual([]);
      else expect(sumOf(shares, verdicts), name).toBeCloseTo(value, 9);
    }
    const some = verdicts.filter(({ groups }) => groups[0] !== "popular");
    const mean = aggregatePope(some, popeRules[scorer]).scores.find(({ name }) => name === "mean/f1")!;
    const shares = popeShares("mean/f1", some, popeRules[scorer]);
    expect(shares.map(({ points }) => points)).toEqual([50, 50]);
    expect(sumOf(shares, some)).toBeCloseTo(mean.value, 9);
  });

  it.each(["official", "lmms_eval"])("MME, %s", async (scorer) => {
    const { loaded, verdicts } = await judged(mme, fixture("mme/data"), fixture("mme/answers.jsonl"), scorer);
    const { scores } = loaded.aggregate(verdicts);
    expect(scores.length).toBe(2 + 3 * 14);
    for (const { name, value, unit } of scores) {
      const shares = mmeShares(name, verdicts);
      expect(sumOf(shares, verdicts), name).toBeCloseTo(value, 9);
      const most = shares.reduce((sum, { points }) => sum + points, 0);
      const subtasks = name === "perception" ? 10 : name === "cognition" ? 4 : 1;
      expect(most, name).toBe(unit === "percent" ? 100 : 200 * subtasks);
    }
    const less = verdicts.filter(({ subtask }) => subtask.name !== "OCR");
    expect(mmeShares("perception", less)).toHaveLength(18);
    expect(mmeShares("perception/possible", less)).toEqual([]);
  });

  it("MMBench: the first rows, and all rows", async () => {
    const file = fixture("mmbench/answers.jsonl");
    const { loaded, verdicts } = await judged(mmbench, fixture("mmbench/data"), file, "vlmevalkit");
    const { scores } = loaded.aggregate(verdicts);
    for (const name of ["first-rows", "rows"]) {
      const { value } = scores.find((one) => one.name === name)!;
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(100);
      expect(sumOf(mmbenchShares(name)!, verdicts)).toBeCloseTo(value, 9);
    }
    expect(mmbenchShares("circular")).toBeUndefined();
  });
});

describe("what an answer can lose and gain in POPE", () => {
  it.each(
    Object.values(popeRules).map((rule, i) => [Object.keys(popeRules)[i], rule] as const),
  )("is the most that any answer makes of it, %s", (_, rule) => {
    const words: readonly Said[] = rule.othersAreMissed ? ["yes", "no", "other"] : ["yes", "no"];
    for (const measure of ["f1", "accuracy", "precision", "recall", "yes-ratio"]) {
      if (measure === "yes-ratio" && rule.yesRatioOf === "labels") continue;
      for (const label of ["yes", "no"] as const) {
        const said = words.map((said): PopeVerdict => {
          return { questions: ["1"], credit: 0, groups: ["random"], label, said };
        });
        const [share] = popeShares(`random/${measure}`, said, rule);
        const name = `${measure} of ${label}`;
        const wrong = Math.max(...said.map((one) => share.whole(one) - share.right(one)));
        const right = Math.max(...said.map((one) => share.right(one)));
        for (const one of said) expect([share.loss!(one), share.gain!(one)], name).toEqual([wrong, right]);
        for (const category of categories.slice(1)) {
          const [other] = popeShares(`${category}/${measure}`, said, rule);
          const sums = [other.right, other.whole, other.loss!, other.gain!].map((of) => of(said[0]));
          expect(sums, name).toEqual([0, 0, 0, 0]);
        }
      }
    }
  });
});
