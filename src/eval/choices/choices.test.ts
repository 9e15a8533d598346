import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ChoiceMatcher } from "./choices.js";
import { matchLmmsEval } from "./lmms-eval.js";
import { matchLmmsEvalStatic } from "./lmms-eval-static.js";
import { isMissingText, isNoneText } from "./missing-text.js";
import { matchVlmEvalKit } from "./vlmevalkit.js";

const recorded = new URL("../../../test/fixtures/eval/choices/choices.json", import.meta.url);
type Read = readonly [answer: string, ...letters: (string | null)[]];
const { columns, questions }: { columns: string[]; questions: { choices: object; read: Read[] }[] } =
  JSON.parse(readFileSync(fileURLToPath(recorded), "utf8"));

const matchers: Readonly<Record<string, ChoiceMatcher>> = {
  vlmevalkit: matchVlmEvalKit,
  "lmms-eval": matchLmmsEval,
  "lmms-eval-static": matchLmmsEvalStatic,
};

describe.each(Object.entries(matchers))("the matcher of %s", (name, match) => {
  const column = columns.indexOf(name);
  const cases = questions.flatMap(({ choices, read }) =>
    read.map((row) => ({ answer: row[0], choices: Object.entries(choices), expected: row[column] })),
  );

  it("reads every recorded answer as the public scorer did", () => {
    expect(cases.length).toBeGreaterThan(500);
    const read = cases.map((one) => ({ ...one, read: match(one.answer, new Map(one.choices)) ?? null }));
    expect(read.filter((one) => one.read !== one.expected)).toEqual([]);
  });

  it("was asked for answers of every kind", () => {
    const letters = new Set(cases.map(({ expected }) => expected));
    expect([...letters]).toEqual(expect.arrayContaining([null, "A", "B", "C", "D"]));
  });
});

describe("cells that are missing", () => {
  const file = new URL("../../../test/fixtures/eval/choices/missing.json", import.meta.url);
  const { missing }: { missing: Record<string, boolean> } = JSON.parse(
    readFileSync(fileURLToPath(file), "utf8"),
  );

  it.each(Object.entries(missing))("%j: pandas says %s", (text, expected) => {
    expect(isMissingText(text)).toBe(expected);
  });

  it("are, for LLaVA, also nan and none in any case, alone", () => {
    expect(["NAN", "none", "nOnE", "", "NULL"].filter((text) => !isNoneText(text))).toEqual([]);
    expect(["None of these", "one or none", "banana", "a nan", "0"].filter(isNoneText)).toEqual([]);
  });
});
