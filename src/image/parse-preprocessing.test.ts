import { describe, expect, it } from "vitest";
import { parsePreprocessing } from "./parse-preprocessing.js";

const clip = {
  image_processor_type: "CLIPImageProcessor",
  size: { shortest_edge: 336 },
  crop_size: { height: 336, width: 336 },
};

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
    ["UNSUPPORTED_MODEL", { image_processor_type: "Qwen2VLImageProcessor" }, /Qwen2VLImageProcessor/],
  ])("refuses with %s: %j", (code, json, message) => {
    const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => parsePreprocessing(json, "folder/preprocessor_config.json")).toThrow(refusal);
    expect(() => parsePreprocessing(json, "folder/preprocessor_config.json")).toThrow(
      /^folder\/preprocessor_config/,
    );
  });
});
