import { expect, it } from "vitest";
import { goldenPath } from "../../test/support/checkpoint-folder.js";
import { type Dtype, dtypes } from "../models/dtypes.js";
import { prepareConversion } from "./plan.js";
import { openCheckpoint } from "./source/open-checkpoint.js";

const goldens = ["tiny-llava-llama", "tiny-llava-gqa-tied", "tiny-llava-siglip-qwen2"];

/** Whether a tensor lies in the tower behind the hidden state that feeds the projector. */
function liesBehind(name: string, featureLayer: number): boolean {
  if (name.startsWith("vision_tower.vision_model.post_layernorm.")) return true;
  const layer = /^vision_tower\.vision_model\.encoder\.layers\.(\d+)\./.exec(name)?.[1];
  return layer !== undefined && Number(layer) >= featureLayer;
}

it.each(
  goldens.flatMap((golden) => dtypes.map((dtype): [string, Dtype] => [golden, dtype])),
)("every tensor of %s is in some graph in %s, but for the tower's end", async (golden, dtype) => {
  const folder = goldenPath(`llava/${golden}`);
  const { spec, tensors } = await openCheckpoint(folder);
  const { jobs } = await prepareConversion(folder, { dtype }, 0);
  const placed = new Set(jobs.map(({ source }) => source));
  const left = [...tensors.keys()].filter((name) => !placed.has(name));
  expect(left.filter((name) => !liesBehind(name, spec.featureLayer))).toEqual([]);
});
