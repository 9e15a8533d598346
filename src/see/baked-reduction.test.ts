import { expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import { patchCount } from "../models/spec.js";
import { noReduction } from "../reduce/methods/none.js";
import { bakedReduction, bakedTokensOf, refuseOtherReduction } from "./baked-reduction.js";

const spec = smallLlavaSpec();
const patches = patchCount(spec.vision);

it.each([
  [5 - patches, 5],
  [-2, patches - 2],
  [1 - patches, 1],
  [-1, undefined], // other exporters: the class token that the projector never sees
  [0, undefined],
  [1, undefined],
  [-patches, undefined],
  [-2.5, undefined],
  ["-5", undefined],
  [undefined, undefined],
])("num_additional_image_tokens %s: baked at %s", (additional, tokens) => {
  expect(bakedTokensOf({ num_additional_image_tokens: additional }, spec)).toBe(tokens);
});

it("is not baked without processor_config.json", () => {
  expect(bakedTokensOf(undefined, spec)).toBeUndefined();
});

it("is a reducer that only its own model's graph can carry out", () => {
  const reducer = bakedReduction(5);
  expect(reducer).toMatchObject({
    method: "baked",
    budget: { kind: "exact", rows: 5 },
    options: { tokens: 5 },
  });
  expect(reducer.inGraph).toBeUndefined();
  expect(() => reducer.plan({} as never)).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/another model's vision graph.*found baked.*Choose a method/),
    }),
  );
});

it("refuses every other one, with the count that it gives", () => {
  expect(() => refuseOtherReduction(noReduction(), 5, "folder")).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/^folder: .*always gives 5 visual tokens, found method none.*convert/),
    }),
  );
});
