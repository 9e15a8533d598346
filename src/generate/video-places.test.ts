import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { withVideoPlaces } from "./video-places.js";

const video = {
  video: { indices: [0], total: 1, notes: [], sampling: { rule: "linspace", count: 1 } },
} as const;

describe("<video> in a prompt written out", () => {
  it("is the place of a video", () => {
    expect(withVideoPlaces("a <video> b <img> c <img>", [video, {}, video], "<img>")).toBe(
      "a <img> b <img> c <img>",
    );
    expect(withVideoPlaces("<|video|> <|pad|>", [video], "<|pad|>")).toBe("<|video|> <|pad|>");
  });

  it("is text where no video was seen", () => {
    expect(withVideoPlaces("a <video> <image>", [{}], "<image>")).toBe("a <video> <image>");
  });

  it("is refused where a picture comes", async () => {
    const error = await refusal("INVALID_OPTION", () =>
      withVideoPlaces("<video><image>", [{}, video], "<image>"),
    );
    expect(error.message).toMatch(/place 1: .*expected <image>, found <video>/);
  });
});
