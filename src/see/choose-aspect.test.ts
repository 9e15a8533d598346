import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import type { Aspect } from "../image/preprocess-spec.js";
import { chooseAspect, type PictureWay } from "./choose-aspect.js";

const one = { tiles: false };
const next = { tiles: true };
const onevision = { tiles: true, severalAspect: "pad" } as const;

describe("how pictures become squares", () => {
  it.each<[string, { tiles: boolean; severalAspect?: Aspect }, PictureWay, Aspect | undefined]>([
    ["one of any model in its own way", onevision, {}, undefined],
    ["several of most models, too", next, { pictures: 3 }, undefined],
    ["several of one that is shown them otherwise", onevision, { pictures: 2 }, "pad"],
    ["as it is said", onevision, { pictures: 2, imageAspect: "crop" }, "crop"],
    ["the whole picture alone", next, { views: "base" }, "stretch"],
    ["each of several likewise", next, { views: "base", pictures: 2 }, "stretch"],
    ["each of several as the model knows them", onevision, { views: "base", pictures: 2 }, "pad"],
    ["tiles where they are asked for", onevision, { views: "all", pictures: 2 }, "anyres"],
    ["the one view that there is", one, { views: "base" }, undefined],
    ["the one view that is all", one, { views: "all", pictures: 2 }, undefined],
  ])("%s", (_, family, way, aspect) => {
    expect(chooseAspect(family, way)).toBe(aspect);
  });

  it.each<[string, PictureWay, RegExp]>([
    ["other words", { views: "tiles" as never }, /views.*all or base.*"tiles"/],
    ["two ways at once", { views: "base", imageAspect: "pad" }, /not both.*base and pad/],
    ["no picture", { pictures: 0 }, /pictures.*1 or more.*0/],
    ["half a picture", { pictures: 1.5 }, /pictures.*1.5/],
  ])("refuses %s", async (_, way, message) => {
    expect((await refusal("INVALID_OPTION", () => chooseAspect(next, way))).message).toMatch(message);
  });
});
