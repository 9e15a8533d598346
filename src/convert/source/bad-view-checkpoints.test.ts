import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changedCopy, goldenPath, writeJson } from "../../../test/support/checkpoint-folder.js";
import { originalNext } from "../../../test/support/next-checkpoint.js";
import { originalOnevision } from "../../../test/support/onevision-checkpoint.js";
import { refusal } from "../../../test/support/refusal.js";
import type { ErrorCode } from "../../errors.js";
import { openCheckpoint } from "./open-checkpoint.js";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form
type Json = Record<string, any>;

/** Recorded models of every family whose pictures are tiles, or of any size. */
const goldens = [
  "llava_next/tiny-next-llama",
  "llava_onevision/tiny-ov-qwen2",
  "smolvlm/tiny-idefics3",
  "smolvlm/tiny-smolvlm",
  "qwen2_vl/tiny-qwen2vl",
  "qwen2_5_vl/tiny-qwen25vl-tied",
  "qwen3_vl/tiny-qwen3vl",
];
const architectures = [
  "LlavaForConditionalGeneration",
  "LlavaNextForConditionalGeneration",
  "LlavaOnevisionForConditionalGeneration",
  "SmolVLMForConditionalGeneration",
  "Idefics3ForConditionalGeneration",
  "Qwen2VLForConditionalGeneration",
  "Qwen2_5_VLForConditionalGeneration",
  "Qwen3VLForConditionalGeneration",
];
const tiled = goldens.slice(0, 2);
const native = goldens.slice(4);

async function refused(code: ErrorCode, folder: string, ...messages: RegExp[]): Promise<void> {
  const { message } = await refusal(code, () => openCheckpoint(folder));
  for (const part of messages) expect(message).toMatch(part);
}

/** A copy with other settings for its image processor, wherever they stand. */
function withProcessor(golden: string, change: Json): string {
  const folder = changedCopy(golden, {});
  for (const name of ["preprocessor_config.json", "processor_config.json"]) {
    const json = read(golden, name);
    if (json?.image_processor !== undefined) Object.assign(json.image_processor, change);
    else if (json !== undefined && name === "preprocessor_config.json") Object.assign(json, change);
    if (json !== undefined) writeJson(folder, name, json);
  }
  return folder;
}

function read(golden: string, name: string): Json | undefined {
  try {
    return JSON.parse(readFileSync(join(goldenPath(golden), name), "utf8"));
  } catch {
    return undefined;
  }
}

describe.each(goldens)("%s is refused", (golden) => {
  it.each<[string, (config: Json) => Json]>([
    ["everywhere", (config) => config],
    ["in the language model", (config) => config.text_config ?? config],
    ["in the tower", (config) => config.vision_config],
  ])("with weights that its configuration calls quantised, %s", async (_, part) => {
    const config = (json: Json) => Object.assign(part(json), { quantization_config: { bits: 4 } });
    await refused("UNSUPPORTED_MODEL", changedCopy(golden, { config }), /quantization_config/);
  });

  it("with tensors that bitsandbytes has made of one, and nothing said of it", async () => {
    const absmax = { shape: [4], data: new Float32Array(4) };
    const folder = changedCopy(golden, {
      tensors: (all) => {
        const name = [...all.keys()].find((key) => key.endsWith("q_proj.weight"))!;
        all.set(`${name}.absmax`, absmax);
      },
    });
    await refused("INVALID_FILE", folder, /1 extra: .*q_proj\.weight\.absmax/);
  });

  it("with whole numbers for weights", async () => {
    const folder = changedCopy(golden, {
      tensors: (all) => {
        const name = [...all.keys()].find((key) => key.endsWith("q_proj.weight"))!;
        const { shape, data } = all.get(name)!;
        all.set(name, { shape, data: new Int32Array(data.length) });
      },
    });
    await refused("INVALID_FILE", folder, /q_proj\.weight.*float16.*I32/);
  });

  it("under the name of a family that does not run, with those that do", async () => {
    const config = (json: Json) => {
      json.architectures = ["LlavaNextVideoForConditionalGeneration"];
      json.model_type = "llava_next_video";
    };
    const named = [...architectures, "LlavaNextVideoForConditionalGeneration"].map(
      (name) => new RegExp(name),
    );
    await refused("UNSUPPORTED_MODEL", changedCopy(golden, { config }), ...named);
  });

  it("where name and kind are of two families", async () => {
    const other = architectures.find((name) => name !== read(golden, "config.json")!.architectures[0])!;
    const config = (json: Json) => Object.assign(json, { architectures: [other] });
    await refused("UNSUPPORTED_MODEL", changedCopy(golden, { config }), /architectures/, new RegExp(other));
  });

  it("without one of its tensors", async () => {
    const rename = (name: string) => (name.endsWith("layers.0.mlp.down_proj.weight") ? undefined : name);
    await refused(
      "INVALID_FILE",
      changedCopy(golden, { rename }),
      /1 missing: .*layers\.0\.mlp\.down_proj\.weight/,
    );
  });

  it("with an image processor of one square", async () => {
    const folder = changedCopy(golden, {});
    writeJson(folder, "preprocessor_config.json", { image_processor_type: "CLIPImageProcessor" });
    if (read(golden, "processor_config.json") !== undefined) writeJson(folder, "processor_config.json", {});
    await refused("UNSUPPORTED_MODEL", folder, /an image processor that the model was not trained with/);
  });
});

describe.each(tiled)("%s is refused", (golden) => {
  it("without the vector that ends lines", async () => {
    const rename = (name: string) => (name.endsWith("image_newline") ? undefined : name);
    await refused("INVALID_FILE", changedCopy(golden, { rename }), /1 missing: image_newline/);
  });

  it.each<[string, unknown, RegExp]>([
    ["of none", [], /1 to 256 pairs.*found a list of 0/],
    ["that are no list", "(1x1)", /1 to 256 pairs/],
    ["of sides that are no multiples of the tile", [[7, 9]], /multiples of the tile's.*\[7,9\] as number 1/],
    ["of nothing", [[0, 0]], /\[0,0\] as number 1/],
    ["of negative sides", [[-112, 112]], /\[-112,112\] as number 1/],
    ["of three sides", [[112, 112, 112]], /\[112,112,112\] as number 1/],
  ])("with grids %s", async (_, grids, message) => {
    await refused(
      "INVALID_FILE",
      withProcessor(golden, { image_grid_pinpoints: grids }),
      /image_grid_pinpoints/,
      message,
    );
  });

  it("with the model's grids in another order than its image processor's, which decides between equals", async () => {
    const grids = (config: Json) => config.image_grid_pinpoints as unknown[];
    const config = (json: Json) => Object.assign(json, { image_grid_pinpoints: [...grids(json)].reverse() });
    await refused("INVALID_FILE", changedCopy(golden, { config }), /image_grid_pinpoints.*differ/);
  });
});

it.each([
  ["LLaVA-NeXT", originalNext],
  ["LLaVA-OneVision", originalOnevision],
])("%s of the original layout is refused without the vector that ends lines", async (_, original) => {
  const { folder, visionTower } = original({ tensors: (all) => all.delete("model.image_newline") });
  const open = () => openCheckpoint(folder, { visionTower });
  expect((await refusal("INVALID_FILE", open)).message).toMatch(/1 missing: image_newline/);
});

it.each(tiled)("%s takes grids in any order where both files have the same", async (golden) => {
  const grids = [...read(golden, "config.json")!.image_grid_pinpoints].reverse();
  const folder = withProcessor(golden, { image_grid_pinpoints: grids });
  writeJson(folder, "config.json", { ...read(golden, "config.json"), image_grid_pinpoints: grids });
  expect((await openCheckpoint(folder)).preprocessing.grids).toEqual(grids);
});

describe.each(native)("%s is refused", (golden) => {
  it("with a least area above the largest", async () => {
    await refused(
      "INVALID_FILE",
      withProcessor(golden, { min_pixels: 50_000, max_pixels: 4_000, size: undefined }),
      /50000 to 4000 pixels/,
    );
  });

  it("where it is a mixture of experts", async () => {
    const { model_type } = read(golden, "config.json")!;
    const config = (json: Json) => {
      json.architectures = ["Qwen3VLMoeForConditionalGeneration"];
      json.model_type = `${model_type}_moe`;
    };
    await refused("UNSUPPORTED_MODEL", changedCopy(golden, { config }), /Qwen3VLMoe/);
  });
});
