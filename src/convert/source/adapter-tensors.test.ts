import { expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import { convertFamily } from "../../families/convert-registry.js";
import { sortAdapterTensors } from "./adapter-tensors.js";
import { checkpointNames } from "./canonical-names.js";
import { Notes } from "./notes.js";

const newline = new Map([
  ["base_model.model.model.image_newline", { path: "a", offset: 0, type: "float32", shape: [64] }],
]);

it("takes parameters of no module that the family has, as the original code saves them", async () => {
  const { names } = convertFamily({ family: "llava-next" });
  const { whole, pairs } = sortAdapterTensors(newline, [], "adapter", new Notes(), checkpointNames(names));
  expect([...whole].map(([name, { role }]) => [name, role])).toEqual([["image_newline", "plain"]]);
  expect(pairs.size).toBe(0);
  const other = checkpointNames(convertFamily({ family: "llava" }).names);
  const sort = () => sortAdapterTensors(newline, [], "adapter", new Notes(), other);
  expect((await refusal("INVALID_FILE", sort)).message).toContain("image_newline");
});
