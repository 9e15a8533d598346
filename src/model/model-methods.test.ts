import { expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import { methods } from "../reduce/registry.js";
import { supportOfMethods } from "./model-methods.js";

it("says of every method how a model runs it, and of the one that is built in", () => {
  const spec = smallLlavaSpec();
  const reduces = supportOfMethods({ kind: "reduces" }, spec);
  expect(Object.keys(reduces)).toEqual(methods.map(({ name }) => name));
  expect(reduces).toMatchObject({ prumerge: "in-graph", uniform: "planner", none: "in-graph" });
  const baked = supportOfMethods({ kind: "baked", tokens: 4 }, spec);
  expect(baked).toMatchObject({ baked: "in-graph", prumerge: "no", none: "no" });
  expect(supportOfMethods({ kind: "encodes" }, spec)).toMatchObject({ prumerge: "no", none: "in-graph" });
});
