import { describe, expect, it } from "vitest";
import { parsePreprocessing } from "./parse-preprocessing.js";

const clip = {
  image_processor_type: "CLIPImageProcessor",
  size: { shortest_edge: 336 },
  crop_size: { height: 336, width: 336 },
};

const split = { image_processor_type: "Idefics3ImageProcessor" };
const next = { ...clip, image_processor_type: "LlavaNextImageProcessor" };

describe("parsePreprocessing", () => {
  it("fills in what CLIP's processor takes where its file says nothing", () => {
    expect(parsePreprocessing({ image_processor_type: "CLIPImageProcessor" })).toEqual({
      size: 224,
      aspect: "crop",
      shortestEdge: 224,
      resample: "bicubic",
      rescale: 1 / 255,
      mean: [0.48145466, 0.4578275, 0.40821073],
      deviation: [0.26862954, 0.26130258, 0.27577711],
    });
  });

  it("takes torchvision's arithmetic for processors that have no other", () => {
    for (const name of ["CLIPImageProcessorFast", "LlavaImageProcessorFast", "SiglipImageProcessorFast"]) {
      expect(parsePreprocessing({ image_processor_type: name }).resampler).toBe("torchvision");
    }
    const others = [
      "CLIPImageProcessor",
      "CLIPImageProcessorPil",
      "LlavaImageProcessor",
      "SiglipImageProcessor",
    ];
    for (const name of others) {
      expect(parsePreprocessing({ image_processor_type: name })).not.toHaveProperty("resampler");
    }
    expect(parsePreprocessing({ feature_extractor_type: "CLIPFeatureExtractor" })).not.toHaveProperty(
      "resampler",
    );
  });

  it("reads the older spellings, the nested file and LLaVA's padding", () => {
    const old = { feature_extractor_type: "CLIPFeatureExtractor", size: 336, crop_size: 336, resample: 2 };
    expect(parsePreprocessing(old)).toMatchObject({
      size: 336,
      shortestEdge: 336,
      aspect: "crop",
      resample: "bilinear",
    });
    expect(parsePreprocessing({ image_processor: clip })).toMatchObject({ size: 336, aspect: "crop" });
    expect(parsePreprocessing({ ...clip, image_aspect_ratio: "pad" })).toMatchObject({ aspect: "pad" });
    expect(
      parsePreprocessing({ ...clip, image_processor_type: "LlavaImageProcessor", do_pad: true }).aspect,
    ).toBe("pad");
    expect(parsePreprocessing({ image_processor_type: "SiglipImageProcessor", size: 384 })).toMatchObject({
      size: 384,
      aspect: "stretch",
      mean: [0.5, 0.5, 0.5],
    });
  });

  it("fills in what LLaVA-NeXT's processor takes where its file says nothing", () => {
    const sides = { size: { shortest_edge: 336 }, crop_size: { height: 336, width: 336 } };
    const spec = {
      size: 336,
      shortestEdge: 336,
      aspect: "anyres",
      grids: [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]],
      resample: "bicubic",
      rescale: 1 / 255,
      mean: [0.48145466, 0.4578275, 0.40821073],
      deviation: [0.26862954, 0.26130258, 0.27577711],
    }; // biome-ignore format: pairs
    for (const name of ["LlavaNextImageProcessor", "LlavaNextImageProcessorPil"]) {
      expect(parsePreprocessing({ image_processor_type: name, ...sides })).toEqual(spec);
    }
    const fast = parsePreprocessing({ image_processor_type: "LlavaNextImageProcessorFast", ...sides });
    expect(fast).toEqual({ ...spec, resampler: "torchvision" });
    for (const file of [
      { processor_class: "LlavaNextProcessor", ...sides },
      { processor_class: "LlavaNextProcessor", image_processor: sides },
      { image_grid_pinpoints: spec.grids, ...sides },
      { processor_class: "LlavaProcessor", image_grid_pinpoints: spec.grids, ...sides },
      { image_processor: { image_processor_type: "LlavaNextImageProcessor", size: 336, crop_size: 336 } },
      {
        ...sides,
        image_processor_type: "LlavaNextImageProcessor",
        aspect_ratio_setting: "anyres",
        size: { height: 336, width: 336 },
        do_pad: false,
        do_resize: false,
        do_center_crop: false,
      },
    ]) {
      expect(parsePreprocessing(file), JSON.stringify(file)).toEqual(spec);
    }
  });

  it("reads how Idefics3 and SmolVLM split pictures, and what they take where their files say nothing", () => {
    const own = {
      size: 364,
      shortestEdge: 364,
      longestEdge: 1456,
      aspect: "anyres",
      resample: "lanczos",
      rescale: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      deviation: [0.5, 0.5, 0.5],
    };
    for (const file of [
      { image_processor_type: "Idefics3ImageProcessor" },
      { image_processor_type: "SmolVLMImageProcessorPil", do_pad: true, do_convert_rgb: true },
      { processor_class: "SmolVLMProcessor" },
    ])
      expect(parsePreprocessing(file), JSON.stringify(file)).toEqual(own);
    const released = { size: { longest_edge: 2048 }, max_image_size: { longest_edge: 512 } };
    expect(
      parsePreprocessing({
        image_processor_type: "SmolVLMImageProcessorFast",
        do_image_splitting: false,
        ...released,
      }),
    ).toEqual({
      ...own,
      size: 512,
      shortestEdge: 512,
      longestEdge: 2048,
      aspect: "stretch",
      resampler: "torchvision",
    });
  });

  it.each([
    { image_processor_type: "LlavaOnevisionImageProcessor" },
    { processor_class: "LlavaOnevisionProcessor" },
    { image_processor_type: "LlavaOnevisionImageProcessorFast", size: { height: 384, width: 384 } },
    { image_processor_type: "LlavaOnevisionImageProcessor", size: { shortest_edge: 384 }, crop_size: null },
  ])("cuts tiles of the whole picture's size where there is no crop: %j", (json) => {
    const { size, aspect, grids, mean } = parsePreprocessing(json);
    expect({ size, aspect, mean: mean[0] }).toEqual({ size: 384, aspect: "anyres", mean: 0.48145466 });
    expect(grids).toHaveLength(36);
    expect([grids![1], grids![6], grids![35]]).toEqual([[384, 768], [768, 384], [2304, 2304]]); // biome-ignore format: pairs
  });

  it("keeps the grids' order, heights first", () => {
    const grids = [[672, 336], [336, 336], [336, 672]]; // biome-ignore format: pairs
    expect(parsePreprocessing({ ...next, image_grid_pinpoints: grids }).grids).toEqual(grids);
  });

  it.each([
    ["INVALID_FILE", { ...next, image_grid_pinpoints: "(1x1),...,(2x2)" }, /image_grid_pinpoints.*height/],
    ["INVALID_FILE", { ...next, image_grid_pinpoints: [] }, /1 to 256 pairs.*a list of 0/],
    [
      "INVALID_FILE",
      {
        ...next,
        image_grid_pinpoints: [
          [336, 336],
          [336, 500],
        ],
      },
      /\[336,500\] as number 2/,
    ],
    ["INVALID_FILE", { ...next, image_grid_pinpoints: [[336 * 8, 336 * 9]] }, /at most 64 tiles/],
    ["INVALID_FILE", { ...next, image_grid_pinpoints: [[336, 1e300]] }, /at most 64 tiles/],
    ["INVALID_FILE", { image_processor_type: "LlavaNextImageProcessor" }, /multiples of the tile's 224/],
    ["INVALID_FILE", { ...next, do_pad: "yes" }, /do_pad.*true or false/],
    ["INVALID_FILE", { ...next, size: { longest_edge: 336 } }, /size.height/],
    ["UNSUPPORTED_MODEL", { ...next, size: { shortest_edge: 224 } }, /whole picture of 224.*tiles of 336/],
    ["UNSUPPORTED_MODEL", { ...next, size: { height: 336, width: 672 } }, /size of 672 x 336/],
    ["UNSUPPORTED_MODEL", { ...next, crop_size: { height: 336, width: 224 } }, /crop_size of 224 x 336/],
    ["UNSUPPORTED_MODEL", { ...next, aspect_ratio_setting: "anyres_max_9" }, /aspect_ratio_setting.*max_9/],
    ["UNSUPPORTED_MODEL", { ...next, image_aspect_ratio: "pad" }, /image_aspect_ratio.*anyres.*pad/],
    [
      "UNSUPPORTED_MODEL",
      { ...next, image_processor_type: "LlavaNextVideoImageProcessor" },
      /LlavaNextVideoImageProcessor/,
    ],
    [
      "UNSUPPORTED_MODEL",
      { processor_class: "LlavaNextVideoProcessor", image_grid_pinpoints: [[384, 384]] },
      /no image_processor_type.*LlavaNextVideoProcessor/,
    ],
  ])("refuses tiles with %s: %j", (code, json, message) => {
    expect(() => parsePreprocessing(json, "folder/preprocessor_config.json")).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ["INVALID_FILE", [], /an object/],
    ["INVALID_FILE", { ...clip, image_mean: [0.5, 0.5] }, /image_mean.*three numbers/],
    ["INVALID_FILE", { ...clip, image_std: [0, 1, 1] }, /image_std.*three positive numbers/],
    ["INVALID_FILE", { ...clip, resample: 5 }, /resample.*bicubic.*5/],
    ["INVALID_FILE", { ...clip, rescale_factor: "1/255" }, /rescale_factor/],
    ["INVALID_FILE", { ...clip, do_center_crop: "yes" }, /do_center_crop.*true or false/],
    ["INVALID_FILE", { ...clip, size: { shortest_edge: 1e9 } }, /size.shortest_edge.*4096/],
    ["INVALID_FILE", { ...clip, crop_size: { height: 336.5, width: 336 } }, /crop_size.height/],
    ["UNSUPPORTED_MODEL", { ...clip, crop_size: { height: 336, width: 224 } }, /crop_size of 224 x 336/],
    ["UNSUPPORTED_MODEL", { ...clip, do_center_crop: false }, /without a crop/],
    ["UNSUPPORTED_MODEL", { ...clip, do_resize: false }, /do_resize/],
    ["UNSUPPORTED_MODEL", { ...clip, image_aspect_ratio: "anyres" }, /anyres/],
    ["INVALID_FILE", { ...split, size: { longest_edge: 0 } }, /longest_edge.*from 1 to 2912/],
    ["INVALID_FILE", { ...split, size: { longest_edge: 364 * 8 + 1 } }, /8 tiles of 364 pixels at most/],
    ["INVALID_FILE", { ...split, max_image_size: 364 }, /max_image_size.*an object/],
    ["INVALID_FILE", { ...split, max_image_size: { longest_edge: 5000 } }, /max_image_size.*1 to 4096/],
    ["UNSUPPORTED_MODEL", { ...split, size: { height: 364, width: 364 } }, /without longest_edge/],
    ["UNSUPPORTED_MODEL", { ...split, do_resize: false }, /do_resize: false/],
    ["UNSUPPORTED_MODEL", { image_processor_type: "PixtralImageProcessor" }, /PixtralImageProcessor/],
  ])("refuses with %s: %j", (code, json, message) => {
    const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => parsePreprocessing(json, "folder/preprocessor_config.json")).toThrow(refusal);
    expect(() => parsePreprocessing(json, "folder/preprocessor_config.json")).toThrow(
      /^folder\/preprocessor_config/,
    );
  });
});
