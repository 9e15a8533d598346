import { describe, expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import { chooseAspect, type PictureWay } from "../../see/choose-aspect.js";
import { requestedArea, requestedAspect } from "./picture-way.js";

const tiled = {
  imageAspectFor: (way: PictureWay) => chooseAspect({ tiles: true, severalAspect: "pad" }, way),
};

describe("how a request's picture becomes squares", () => {
  it.each<
    [string, Parameters<typeof requestedAspect>[1], "auto" | "low" | "high" | undefined, number, unknown]
  >([
    ["in the model's own way", {}, undefined, 1, undefined],
    ["in its own way for several", {}, "auto", 2, "pad"],
    ["the whole alone, seen roughly", {}, "low", 1, "stretch"],
    ["with its tiles, seen closely, among several too", {}, "high", 2, "anyres"],
    ["as the request says, whatever the picture says", { views: "base" }, "high", 1, "stretch"],
    ["in the aspect of the request, likewise", { image_aspect: "crop" }, "low", 2, "crop"],
  ])("%s", (_, request, detail, pictures, aspect) => {
    expect(requestedAspect(tiled, request, { detail }, pictures)).toBe(aspect);
  });

  it("is told of the area that the request wants", () => {
    const ways: PictureWay[] = [];
    const model = { imageAspectFor: (way: PictureWay) => void ways.push(way) };
    const wish = { min_pixels: 100, max_pixels: 200 };
    requestedAspect(model, wish, {}, 1);
    expect(ways).toEqual([{ minPixels: 100, maxPixels: 200, pictures: 1 }]);
    expect([requestedArea(wish), requestedArea({})]).toEqual([{ minPixels: 100, maxPixels: 200 }, {}]);
  });

  it("is refused where the request says two things", async () => {
    const both = { image_aspect: "pad", views: "all" } as const;
    const error = await refusal("INVALID_OPTION", () => requestedAspect(tiled, both, {}, 1));
    expect(error.message).toContain("not both");
  });
});
