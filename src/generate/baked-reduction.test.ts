import { expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import { patchCount } from "../models/spec.js";
import { bakedTokensOf } from "./baked-reduction.js";

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
