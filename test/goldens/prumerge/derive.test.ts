import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { floats, integers } from "../../support/safetensors.js";
import { caseSignals, readCases, recordedPictures } from "./case.js";
import { attentionOf, derivePicture, numpysDerivation } from "./derive.js";

const folder = fileURLToPath(new URL("../../fixtures/goldens/prumerge", import.meta.url));
const cases = readCases(folder);
const furthest = (ours: Float32Array, theirs: Float32Array) =>
  ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);

describe("the documented rule, worked out without the code under test", () => {
  test.each(["b576a-plus-adaptive", "t576a-uniform-plus-adaptive"])("is what numpy derives: %s", (name) => {
    const derived = numpysDerivation();
    const found = cases.find((one) => one.name === name)!;
    const signals = caseSignals(folder, found);
    const attentions = attentionOf(folder, found, signals);
    for (const [at, picture] of signals.entries()) {
      const { kept, tokens } = derivePicture(found, picture, attentions[at]!);
      expect([...kept]).toEqual([...integers(derived, `${name}.${at}.kept`)]);
      const recorded = floats(derived, `${name}.${at}.out`);
      expect(tokens.length).toBe(recorded.length);
      expect(furthest(tokens, recorded)).toBeLessThan(1e-5);
    }
  });

  const adaptive = cases.filter(
    ({ expected_error: error, parameters, ambiguous, source, expected }) =>
      error === null &&
      ambiguous === null &&
      parameters.if_adaptive &&
      parameters.batch === 1 &&
      parameters.level === "feature" &&
      parameters.N === 576 &&
      (source.function.endsWith("_plus") ||
        Math.trunc(parameters.N * expected.ratio) === expected.iqr?.outlier_count),
  );
  test.each(
    adaptive.map((one) => [one.name, one] as const),
  )("is what the official program recorded: %s", (_, found) => {
    const [signals] = caseSignals(folder, found);
    const [attention] = attentionOf(folder, found, [signals!]);
    const [recorded] = recordedPictures(folder, found);
    const { kept, tokens } = derivePicture(found, signals!, attention!);
    expect([...kept]).toEqual([...recorded!.kept]);
    const largest = recorded!.tokens.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(furthest(tokens, recorded!.tokens)).toBeLessThan(1e-5 * largest);
  });

  test("has attention of its own, where none was recorded", () => {
    const [found] = adaptive;
    const signals = caseSignals(folder, found!);
    const bare = { ...found!, expected: { ...found!.expected, attn: "" } };
    const [worked] = attentionOf(folder, bare, signals);
    const [recorded] = attentionOf(folder, found!, signals);
    expect(furthest(worked!, recorded!)).toBeLessThan(1e-7);
  });
});
