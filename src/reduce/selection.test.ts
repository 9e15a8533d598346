import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { outlierRule } from "./outliers.js";
import { type SelectionSettings, selectPatches } from "./selection.js";

const fixtures = new URL("../../test/fixtures/", import.meta.url);
const goldens = new URL("goldens/prumerge/", fixtures);
const recorded = (file: string, tensor: string) => floats(readFixture(new URL(file, goldens)), tensor);

interface DerivedCase {
  readonly file?: string;
  readonly tensor?: string;
  readonly attention?: number[];
  readonly grid: readonly [number, number];
  readonly settings: SelectionSettings;
  readonly kept: number[];
}

describe("kept patches as numpy derives them from the written rules", () => {
  const cases: DerivedCase[] = JSON.parse(readFileSync(new URL("reduce/selections.json", fixtures), "utf8"));
  const sourceOf = ({ tensor, grid }: DerivedCase) => tensor ?? `made up, ${grid.join(" x ")}`;

  test.each([...new Set(cases.map(sourceOf))])("%s", (source) => {
    for (const { file, tensor, attention, grid, settings, kept } of cases.filter(
      (each) => sourceOf(each) === source,
    )) {
      const values = attention ? Float32Array.from(attention) : recorded(file!, tensor!);
      const ours = selectPatches(values, { rows: grid[0], columns: grid[1] }, settings);
      expect([...ours], JSON.stringify(settings)).toEqual(kept);
    }
  });
});

describe("outlier rule", () => {
  const { cases } = JSON.parse(readFileSync(new URL("manifest.json", goldens), "utf8"));
  const withQuartiles = cases.filter((each: { expected: { iqr?: unknown } }) => each.expected.iqr);

  test("equals numpy's float32 quartiles and fence bit for bit on every recorded attention", () => {
    expect(withQuartiles.length).toBeGreaterThan(40);
    for (const { name, expected, expected_file } of withQuartiles) {
      const { q1, q3, upper_bound, outlier_count } = expected.iqr;
      // A batch's attention is pooled there, as the released code does it.
      expect(outlierRule(recorded(expected_file, expected.attn)), name).toEqual({
        firstQuartile: q1,
        thirdQuartile: q3,
        fence: upper_bound,
        outliers: outlier_count,
      });
    }
  });
});

describe("released rounding", () => {
  const attention = recorded("i729a.expected.safetensors", "i729a-k47-base-adaptive.attn");
  const grid = { rows: 27, columns: 27 };
  const settings = {
    exact: false,
    count: 0,
    iqrFactor: 1.5,
    spatial: false,
    globalToken: true,
    rasterOrder: false,
  };

  test("loses one of 47 outliers, the default none", () => {
    expect(selectPatches(attention, grid, settings)).toHaveLength(47);
    expect(selectPatches(attention, grid, { ...settings, released: {} })).toHaveLength(46);
  });

  test("takes a pooled ratio instead of the picture's own", () => {
    expect(selectPatches(attention, grid, { ...settings, released: { outlierRatio: 0.1 } })).toHaveLength(72);
    const spatial = { ...settings, spatial: true, released: { outlierRatio: 3 / 729 } };
    // int(1 / (3 / 729)) is 242, not 243: a stride of 80 and a tenth sample at 720.
    expect([...selectPatches(attention, grid, spatial)].slice(3)).toEqual(
      Array.from({ length: 10 }, (_, i) => 80 * i),
    );
  });
});
