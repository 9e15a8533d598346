import { describe, expect, it } from "vitest";
import {
  classAttention,
  inspectionInput as input,
  plan,
  recorded,
  signals,
  white,
} from "../../test/support/inspected.js";
import { oneRegion } from "../reduce/sites.js";
import { cellWidth, createStage } from "./create-stage.js";
import { overlaySvg } from "./figure.js";
import { inspectTokens } from "./inspect-tokens.js";
import { countRows, createInspection, type InspectionInput } from "./inspection.js";
import { cell } from "./stage.js";

const inspection = createInspection(input);

describe("createInspection", () => {
  it("finds the recorded fence and outliers of the official program", () => {
    expect(inspection.outliers!.fence).toBeCloseTo(recorded.iqr.upper_bound, 9);
    expect(inspection.outliers!.firstQuartile).toBeCloseTo(recorded.iqr.q1, 9);
    expect(inspection.outliers!.thirdQuartile).toBeCloseTo(recorded.iqr.q3, 9);
    const outliers = inspection.rows
      .filter(({ kind }) => kind === "outlier")
      .map(({ keptPatch }) => keptPatch);
    expect(outliers.sort((a, b) => a - b)).toEqual(recorded.iqr.outlier_indices_ascending);
    expect(inspection.rows.map(({ keptPatch }) => keptPatch)).toEqual([...recorded.kept_indices[0], -1]);
    expect(countRows(inspection, "sample")).toBe(48);
    expect(countRows(inspection, "global")).toBe(1);
  });

  it("tells a class token from a global one, and says less where no attention is known", () => {
    const one = {
      ...plan,
      keptPatches: plan.keptPatches.slice(-1),
      offsets: Int32Array.of(0, 1),
      weights: Float32Array.of(1),
    };
    const { classAttention: _, ...blind } = input;
    const kinds = (column: number) =>
      createInspection({ ...blind, plan: { ...one, columns: Int32Array.of(column) } }).rows.map(
        ({ kind }) => kind,
      );
    expect(kinds(576)).toEqual(["class"]);
    expect(kinds(575)).toEqual(["global"]);
    expect(countRows(createInspection(blind), "kept")).toBe(64);
    expect(overlaySvg(createInspection(blind), undefined, { layer: "attention" })).not.toContain("NaN");
  });

  it.each<[Partial<InspectionInput>, RegExp]>([
    [{ classAttention: new Float32Array(575) }, /576 finite values, found 575/],
    [{ classAttention: new Float32Array(576).fill(Number.NaN) }, /finite/],
    [
      { grid: { rows: 23, columns: 24 } },
      /the grid does not fit the plan; expected 576 places, found 23 x 24/,
    ],
    [{ view: { x: 0, y: 0, width: 0, height: 9 } }, /view without an area/],
    [{ plan: { ...plan, columns: plan.columns.map(() => 9999) } }, /./],
  ])("refuses %#", (change, message) => {
    expect(() => createInspection({ ...input, ...change })).toThrow(message);
  });
});

describe("inspectTokens", () => {
  const { picture, view, grid, method, options, statistics } = input;
  const sites = oneRegion(grid, view);
  const seen = { plan, sites, statistics: { ...statistics, method, options, inGraph: true } };

  it("makes of what a model saw the same inspection, attention read from its signals", () => {
    const { classAttention: attention, ...rest } = inspectTokens(
      picture,
      { ...seen, signals: [signals] },
      input.name,
    );
    expect(attention!.length).toBe(576);
    expect(attention!.every((value, i) => Math.abs(value / classAttention[i] - 1) < 1e-5)).toBe(true);
    const { classAttention: _, ...expected } = inspection;
    expect(rest.rows.map(({ kind }) => kind)).toEqual(expected.rows.map(({ kind }) => kind));
    expect(rest.statistics).toEqual(statistics);
    expect([rest.name, rest.method, rest.options]).toEqual([input.name, method, options]);
  });

  it("refuses frames of a video", () => {
    const [first] = sites.regions;
    const frames = [{ ...first!, rows: 12 }, { ...first!, first: 288, rows: 12, frame: 1 }]; // biome-ignore format: regions
    const draw = () => inspectTokens(picture, { ...seen, sites: { count: 576, regions: frames } });
    expect(draw).toThrow(/a video is not drawn.*found several frames/);
  });

  it("does without signals", () => {
    expect(inspectTokens(picture, seen)).not.toHaveProperty("classAttention");
    expect(countRows(inspectTokens(picture, seen), "kept")).toBe(64);
  });
});

describe("createStage", () => {
  const place = (width: number, height: number, view: InspectionInput["view"]) =>
    createStage(createInspection({ ...input, picture: white(width, height), view }));

  it("puts the picture round the grid where it was cropped, inside where it was padded", () => {
    const cropped = place(600, 336, { x: 132, y: 0, width: 336, height: 336 });
    expect(cropped.panels[0]!.picture.x).toBeCloseTo(-132 * (576 / 336));
    expect(cropped.box.width).toBeCloseTo(600 * (576 / 336));
    const padded = place(600, 336, { x: 0, y: -132, width: 600, height: 600 });
    expect(padded.panels[0]!.picture.y).toBeCloseTo(132 * (576 / 600));
    expect(padded.box).toEqual(padded.panels[0]!.grid);
  });

  it("follows a stretched picture's shape, and keeps the most extreme one in bounds", () => {
    const stretched = place(600, 300, { x: 0, y: 0, width: 600, height: 300 });
    expect(cell(stretched, 25)).toEqual({
      x: cellWidth,
      y: cellWidth / 2,
      width: cellWidth,
      height: cellWidth / 2,
    });
    const strip = place(4000, 4, { x: 1998, y: 0, width: 4, height: 4 });
    expect(strip.box).toEqual({ x: -288, y: 0, width: 1152, height: 576 });
  });
});
