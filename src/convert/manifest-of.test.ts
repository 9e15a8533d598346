import { join } from "node:path";
import { expect, it } from "vitest";
import { goldenPath } from "../../test/support/checkpoint-folder.js";
import { prepareConversion } from "./plan.js";

const part = (name: string) => goldenPath(join("lora/lora-a", name));
const options = { visionTower: part("tiny-clip-24L"), lora: part("llava-tiny-lora"), dtype: "fp32" } as const;

async function recorded(names: { sourceName?: string; visionTowerName?: string; loraName?: string }) {
  const { contents } = await prepareConversion(part("tiny-vicuna"), { ...options, ...names }, 1);
  return JSON.parse(Buffer.from(contents.get("prumerge.json")!).toString()).source;
}

it("records where the parts come from by the names given, or by those of their folders", async () => {
  const layout = "original";
  expect(await recorded({})).toEqual({
    name: "tiny-vicuna",
    layout,
    visionTower: "tiny-clip-24L",
    lora: "llava-tiny-lora",
  });
  const names = { sourceName: "owner/base@1", visionTowerName: "owner/tower@2", loraName: "owner/tuned@3" };
  expect(await recorded(names)).toEqual({
    name: "owner/base@1",
    layout,
    visionTower: "owner/tower@2",
    lora: "owner/tuned@3",
  });
});
