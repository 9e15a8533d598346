import { describe, expect, it } from "vitest";
import { acrossFrames } from "../reduce/across-frames.js";
import { type Arrangement, plainArrangement } from "../reduce/arrangement.js";
import { cover } from "../reduce/methods/cover.js";
import { oneHotRows } from "../reduce/one-hot.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Sites } from "../reduce/sites.js";
import { withClassTokenRow } from "./graph-plan.js";
import {
  biasable,
  checkAxes,
  checkPositions,
  farPlace,
  originalPlace,
  type Positions,
  tightPlace,
} from "./row-place.js";

const rectangle = { x: 0, y: 0, width: 1, height: 1 };
/** A view of 2 x 2 patches, and one of 2 x 3 whose first column shows padding. */
const sites: Sites = {
  count: 10,
  regions: [
    { first: 0, rows: 2, columns: 2, rectangle, frame: 0 },
    {
      first: 4,
      rows: 2,
      columns: 3,
      rectangle,
      frame: 0,
      inside: { top: 0, left: 1, rows: 2, columns: 2 },
    },
  ],
};
/** As a prompt has them, with a separator behind each line of the second. */
const unreduced: Arrangement = {
  plan: oneHotRows(10, Int32Array.of(0, 1, 2, 3, 5, 6, 8, 9)),
  origin: Int32Array.of(0, 1, 2, 3, 4, 5, -1, 6, 7, -1),
};
/** Three patches, and for each view a row that stands on none of those it is made of. */
const plan: MergePlan = {
  patches: 10,
  keptPatches: Int32Array.of(3, -1, 9, 5, -1),
  offsets: Int32Array.of(0, 1, 4, 5, 6, 8),
  columns: Int32Array.of(3, 0, 1, 2, 9, 5, 6, 8),
  weights: new Float32Array(8).fill(1),
};

it("counts separators, passes padding over, and puts a row without a patch in the middle of its view", () => {
  const { at, advance } = originalPlace(plainArrangement(plan), sites, unreduced, 0);
  expect([...at]).toEqual([3, 3, 8, 4, 8]);
  expect(advance).toBe(10);
});

it("lets the class token lead", () => {
  const { at, advance } = originalPlace(plainArrangement(withClassTokenRow(plan)), sites, unreduced, 1);
  expect([...at]).toEqual([0, 4, 4, 9, 5, 9]);
  expect(advance).toBe(11);
});

it("puts a class token that the unreduced prompt does not have in the middle of the first view", () => {
  expect([...originalPlace(plainArrangement(withClassTokenRow(plan)), sites, unreduced, 0).at]).toEqual([
    3, 3, 3, 8, 4, 8,
  ]);
});

it("puts the separator that ends a picture at its end", () => {
  const closed: Arrangement = { plan, origin: Int32Array.of(0, 1, 2, 3, 4, -1) };
  const { at, advance } = originalPlace(closed, sites, unreduced, 0);
  expect([...at]).toEqual([3, 3, 8, 4, 8, 9]);
  expect(advance).toBe(10);
});

it("goes by the rows that show a patch where rows are mixtures", () => {
  const siteRows = Int32Array.of(0, 0, 1, 1, -1, 2, 2, -1, 2, 2);
  const { at } = originalPlace(plainArrangement(plan), sites, { ...unreduced, siteRows }, 0);
  expect([...at]).toEqual([1, 1, 2, 2, 2]);
});

it("takes a row of nothing for its view's", () => {
  const empty: MergePlan = {
    patches: 10,
    keptPatches: Int32Array.of(3, -1, 9, -1),
    offsets: Int32Array.of(0, 1, 1, 2, 2),
    columns: Int32Array.of(3, 9),
    weights: new Float32Array(2).fill(1),
  };
  expect([...originalPlace(plainArrangement(empty), sites, unreduced, 0).at]).toEqual([3, 3, 8, 8]);
});

it("lets text go on behind the furthest row, on whichever axis", () => {
  const at = Int32Array.of(0, 0);
  expect(tightPlace({ at, advance: 10 }).advance).toBe(1);
  const place = { at, rows: Int32Array.of(2, 1), columns: Int32Array.of(0, 5), advance: 10 };
  expect(tightPlace(place)).toEqual({ ...place, advance: 6 });
});

it("keeps rows together, far from the text", () => {
  const { at, advance } = farPlace(3, 10);
  expect([...at]).toEqual([0, 1, 2]);
  expect(advance).toBe(10);
});

describe("what is asked of a model's rows", () => {
  const takes = (positions: boolean, bias = positions) => ({ takes: async () => ({ positions, bias }) });
  const reduces = { kind: "reduces" } as const;

  it("is given where its decoder takes it", async () => {
    await expect(
      checkPositions("original", { vision: reduces, ...takes(true) }, "folder"),
    ).resolves.toBeUndefined();
    await expect(
      checkPositions("contiguous", { vision: reduces, ...takes(false) }, "f"),
    ).resolves.toBeUndefined();
    const reducer = cover();
    expect(await biasable(reducer, takes(true), "folder")).toBe(reducer);
    // Nobody asked for the bias: it is left out where the decoder takes none, and of copies with another plan nothing is known.
    expect((await biasable(reducer, takes(true, false), "folder")).options).toMatchObject({
      sizeBias: false,
    });
    expect((await biasable(acrossFrames(reducer), takes(true, false), "f")).options).toMatchObject({
      ...{ sizeBias: false, acrossFrames: true },
    });
    await expect(biasable({ ...reducer }, takes(true, false), "folder")).rejects.toThrow(/no bias of rows/);
  });

  it("is refused where positions say nothing of the model", async () => {
    const engine = { takes: async () => ({ positions: true, bias: true, axes: 3 }) };
    const check = (positions: Positions, family: string) =>
      checkAxes(positions, { family } as never, engine, "folder");
    await expect(check("tight", "smolvlm")).rejects.toThrow(/^positions: .*one run of rows/);
    await expect(check("far", "qwen3-vl")).rejects.toThrow(/original, tight or contiguous, found far/);
    for (const positions of ["tight", "original"] as const) await check(positions, "qwen3-vl");
    await check("tight", "llava");
    const one = { takes: async () => ({ positions: true, bias: true }) };
    await expect(checkAxes("original", { family: "qwen2-vl" } as never, one, "folder")).rejects.toThrow(
      /folder: .*three axes, found 1/,
    );
  });

  it("is refused by name where not", async () => {
    const engine = { vision: reduces, ...takes(false) };
    await expect(checkPositions("middle", engine, "f")).rejects.toThrow(
      /positions: no such positions; expected contiguous or original or tight or far, found "middle"/,
    );
    await expect(checkPositions(7, engine, "f")).rejects.toThrow(/found number/);
    for (const positions of ["original", "tight", "far"]) {
      await expect(checkPositions(positions, engine, "folder")).rejects.toMatchObject({
        code: "INVALID_OPTION",
        details: { where: "positions", found: "folder" },
      });
    }
    const baked = { vision: { kind: "baked", tokens: 4 } as const, ...takes(true) };
    await expect(checkPositions("original", baked, "f")).rejects.toThrow(/original positions are not known/);
    await expect(checkPositions("far", baked, "f")).resolves.toBeUndefined(); // needs no patches' places
    await expect(biasable(cover({ sizeBias: true }), takes(true, false), "folder")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where: "cover", found: "folder" },
    });
  });
});
