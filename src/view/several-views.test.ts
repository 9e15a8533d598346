import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { white } from "../../test/support/inspected.js";
import { oneHotRows } from "../reduce/one-hot.js";
import { outlierRule } from "../reduce/outliers.js";
import { insideSites, type Region } from "../reduce/sites.js";
import { createStage } from "./create-stage.js";
import { overlaySvg } from "./figure.js";
import { renderHtml } from "./html.js";
import { createInspection, type InspectionInput } from "./inspection.js";
import { inspectionJson } from "./json.js";
import { stageModel } from "./live/stage-model.js";
import { pageData } from "./page-data.js";
import { pictureUri } from "./picture-uri.js";
import { cell, middle, shownSites } from "./stage.js";
import { renderText } from "./text.js";

/**
 * The whole picture in 4 x 4 patches, and two tiles of 4 x 4 beside each other: a picture of 200 x 80 in the middle of them, so
 * that the first row shows padding.
 */
const picture = white(200, 80);
const tile = { rows: 4, columns: 4, frame: 0, inside: { top: 1, left: 0, rows: 3, columns: 4 } };
const regions: readonly Region[] = [
  { first: 0, rows: 4, columns: 4, frame: 0, rectangle: { x: 0, y: 0, width: 200, height: 80 } },
  { ...tile, first: 16, rectangle: { x: 0, y: -20, width: 100, height: 100 } },
  { ...tile, first: 32, rectangle: { x: 100, y: -20, width: 100, height: 100 } },
];
/** One in the whole picture, two in the second tile. */
const kept = Int32Array.of(5, 38, 47);
/** The second tile's is a hundred times the first's: softmaxes of two views are not comparable. */
const attention = Float32Array.from({ length: 48 }, (_, site) => {
  if (site < 16) return site === 5 ? 0.5 : 0.01 + site / 1000;
  if (site < 32) return 0;
  return (site === 38 ? 0.4 : 0.02 + (site - 32) / 500) / 100;
});
const input: InspectionInput = {
  picture,
  view: regions[0]!.rectangle,
  grid: { rows: 4, columns: 4 },
  regions,
  plan: oneHotRows(48, kept),
  classAttention: attention,
  method: "toy",
  options: {},
  statistics: { visualTokens: 3, unreducedTokens: 42 },
};
const inspection = createInspection(input);
const stage = createStage(inspection);
const model = stageModel(pageData(inspection, stage));

describe("a picture of several views", () => {
  it("is drawn once for the whole and once for its tiles, each patch where it lies in the picture", () => {
    expect(stage.panels.map(({ name }) => name)).toEqual(["the whole picture", "2 tiles"]);
    expect(stage.regions.map(({ panel }) => panel)).toEqual([0, 1, 1]);
    const inPicture = (site: number, panel: number) => {
      const { picture: drawn } = stage.panels[panel]!;
      const scale = drawn.width / picture.width;
      const { x, y, width, height } = cell(stage, site);
      return [(x - drawn.x) / scale, (y - drawn.y) / scale, width / scale, height / scale].map(Math.round);
    };
    expect(inPicture(5, 0)).toEqual([50, 20, 50, 20]);
    // Row 1, column 2 of the second tile: its first row with picture.
    expect(inPicture(38, 1)).toEqual([150, 5, 25, 25]);
    expect(inPicture(47, 1)).toEqual([175, 55, 25, 25]);
  });

  it("has no place for padding", () => {
    expect(shownSites(stage)).toEqual(regions.flatMap((region) => [...insideSites(region)]));
    for (const site of shownSites(stage)) {
      const { x, y } = middle(stage, site);
      expect(model.patchAt(x, y)).toBe(site);
    }
    const { x, y } = middle(stage, 34);
    expect(model.patchAt(x, y)).not.toBe(34);
  });

  it("is walked over from patch to patch, and from panel to panel", () => {
    const walk = (key: string, from: number, steps: number) =>
      Array.from({ length: steps }).reduce<number>((at) => model.step(key, at)!, from);
    expect([1, 2, 3, 4].map((steps) => walk("ArrowRight", 20, steps))).toEqual([21, 22, 23, 36]);
    expect(model.step("ArrowDown", 13)).toBe(23); // the panels stand one above the other
    expect(model.step("ArrowLeft", 0)).toBe(0);
    expect([model.step("End", 20), model.step("Home", 39)]).toEqual([23, 36]); // not into the next view
    expect([model.step("PageDown", 1), model.step("PageDown", 21)]).toEqual([13, 29]);
    expect(["n", "p"].map((key) => model.step(key, 38))).toEqual([47, 5]);
    expect([model.step("n", 47), model.step("ArrowUp", undefined), model.step("x", 5)]).toEqual([
      5,
      10,
      undefined,
    ]);
  });

  it("says what went where", () => {
    const token = model.focusOf(38);
    expect(token).toEqual({ kind: "token", row: 1 });
    expect(model.say(token)).toMatch(
      /^Visual token 2 stands on the patch at row 2, column 3 of tile 2: class attention over its view's fence [\d.]+, above the fence. 0 other patches merged in.$/,
    );
    expect(model.focusOf(39)).toEqual({ kind: "patch", patch: 39 });
    expect(model.say({ kind: "patch", patch: 39 })).toBe(
      "The patch at row 2, column 4 of tile 2 was left out.",
    );
  });

  it("tells attention by the fence of each view, none of those that were not encoded", () => {
    const { levels, outliers, rows, shownLevels } = inspection;
    const fence = (from: number, to: number) => outlierRule(attention.slice(from, to)).fence;
    expect(levels![5]).toBeCloseTo(0.5 / fence(0, 16), 4);
    expect(levels![38]).toBeCloseTo(0.004 / fence(36, 48), 4);
    expect([...levels!.slice(16, 32)]).toEqual(Array(16).fill(0));
    expect(rows.map(({ kind }) => kind)).toEqual(["outlier", "outlier", "sample"]);
    expect(outliers).toMatchObject({ fence: 1, outliers: 2 });
    expect(shownLevels).toHaveLength(16 + 12);
  });

  it("keeps kept patches as they are in the picture, and darkens all others", async () => {
    const svg = overlaySvg(inspection, await pictureUri(picture), { caption: false, words: false });
    const { data, info } = await sharp(Buffer.from(svg))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const site of shownSites(stage)) {
      const { x, y } = middle(stage, site);
      const value = data[Math.round(y) * info.width + Math.round(x)]!;
      if (kept.includes(site)) expect(value).toBe(255);
      else expect(value).toBeLessThan(90);
    }
  });

  it("is written as data with view, place and rectangle of each token", () => {
    const { views, tokens, levels, histogram } = inspectionJson(inspection);
    expect(views!.map(({ tokens: count }) => count)).toEqual([1, 0, 2]);
    expect(tokens[1]).toMatchObject({
      ...{ patch: 38, view: 2, row: 1, column: 2 },
      rectangle: { x: 150, y: 5, width: 25, height: 25 },
    });
    expect(levels).toHaveLength(48);
    expect(histogram!.reduce((sum, { count }) => sum + count, 0)).toBe(28);
  });

  it("is a page and lines for a terminal, with the names of its views", async () => {
    const page = await renderHtml(inspection);
    expect(page).toContain('aria-label="Visual token 2, patch 2/3 of tile 2"');
    expect(page).toContain("3 views");
    const { views } = JSON.parse(/id="data">([\s\S]*?)<\/script>/.exec(page)![1]!);
    expect(views.map(({ inside }: { inside: number[] }) => inside)).toEqual([[0, 0, 4, 4], [1, 0, 3, 4], [1, 0, 3, 4]]); // biome-ignore format: grids
    const text = renderText(inspection).split("\n");
    expect(text[1]).toBe("the whole picture:");
    expect(text.slice(2, 4)).toEqual(["·▄··", "····"]);
    expect(text[4]).toBe("2 tiles:");
    expect(text.slice(5, 8).join("")).toMatch(/[▀▄█]/);
  });

  it("is refused with views that do not fit the plan", () => {
    expect(() => createInspection({ ...input, regions: regions.slice(1) })).toThrow(/expected 48 places/);
  });
});
