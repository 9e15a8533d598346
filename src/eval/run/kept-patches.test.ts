import { describe, expect, it } from "vitest";
import { oneHotPlan } from "../../reduce/one-hot.js";
import { oneRegion } from "../../reduce/sites.js";
import { unknownPlan } from "../../reduce/unknown-plan.js";
import { readKeptPatches, writeKeptPatches } from "./kept-patches.js";
import { answerRecordSchema } from "./run-folder.js";

const sites = (rows: number, columns: number) =>
  oneRegion({ rows, columns }, { x: 0, y: 0, width: columns, height: rows });

describe("kept patches in a journal", () => {
  it("come back ascending, without the global token", () => {
    const plan = {
      patches: 35,
      keptPatches: Int32Array.from([34, 0, 8, 7, -1]),
      offsets: new Int32Array(6),
      columns: new Int32Array(1),
      weights: new Float32Array(1),
    };
    const kept = writeKeptPatches(plan, sites(5, 7))!;
    expect(kept).toMatchObject({ count: 4, rows: 5, columns: 7 });
    expect(readKeptPatches(kept)).toEqual([0, 7, 8, 34]);
    expect(answerRecordSchema.shape.kept.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it("are null where nobody knows them", () => {
    expect(writeKeptPatches(unknownPlan(4, 4), sites(2, 2))).toBeNull();
    const two = { count: 4, regions: [...sites(1, 2).regions, ...sites(1, 2).regions] };
    expect(writeKeptPatches(oneHotPlan({ rows: 2, columns: 2 }, Int32Array.of(1)), two)).toBeNull();
  });
});
