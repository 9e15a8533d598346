import { divPrune, PrumergeError } from "prumerge/reduce";
import { expect, it } from "vitest";
import { guarded, guardedLater } from "./outcome.js";
import { gridEnd, hasNeighbours, type PrumergeCase } from "./prumerge/case.js";
import { gridOf, selectedBy, signalsOf } from "./selected.js";
import { derivedStep, eachAlone } from "./tome/derive.js";

it("takes a refusal of what is not finite for ours, and anything else that is thrown for a miss", async () => {
  const rows = { rows: 4, columns: 1, data: Float32Array.of(1, 2, Number.NaN, 3) };
  const keep = () => {
    selectedBy(divPrune({ tokens: 2 }), signalsOf(gridOf(4), { projected: rows }));
    return { name: "kept", outcome: "passed" as const, detail: "" };
  };
  const refused = { name: "x", outcome: "defined by us", detail: expect.stringContaining("NaN at index 2") };
  expect(guarded("x", keep)).toEqual(refused);
  expect(await guardedLater("x", async () => keep())).toEqual(refused);
  const fail = () => {
    throw new PrumergeError("INVALID_TENSOR", "a signal does not fit", { expected: "4 rows" });
  };
  expect(guarded("x", fail).outcome).toBe("missed");
  const odd = await guardedLater("x", () => Promise.reject(new TypeError("no such thing")));
  expect(odd).toEqual({ name: "x", outcome: "missed", detail: "no such thing" });
});

it("reads where the released grid ends off what the recording repaired, and nothing else", () => {
  const test = (N: number, ...patches: string[]) =>
    ({ patches, parameters: { N } }) as unknown as PrumergeCase;
  const layers = "layers[23] -> layers[-1] (hook the last layer of a model with fewer layers)";
  expect([gridEnd(test(64)), gridEnd(test(64, layers))]).toEqual([575, 575]);
  expect(gridEnd(test(64, layers, "grid end 575 -> N-1"))).toBe(63);
  expect([hasNeighbours(test(33)), hasNeighbours(test(32)), hasNeighbours(test(16, layers))]).toEqual([
    ...[true, false, false],
  ]);
  expect(hasNeighbours(test(16, layers, "k=32 -> k=min(32, number of other tokens)"))).toBe(true);
});

it("derives a step of merging with a row of zeros, which is as like one as the other", () => {
  const metric = { rows: 6, columns: 2, data: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 2, 3, 3, -1, 0) };
  const flags = { classToken: false, distillToken: false };
  const members = (most: number, every?: number) =>
    derivedStep(eachAlone(metric), most, flags, every).map((token) => token.members.join(" "));
  expect(members(1)).toEqual(["4", "0", "1", "3 2", "5"]);
  expect(members(3)).toEqual(["1 4 0", "3 2", "5"]);
  expect(members(9, 3)).toEqual(["2 3 4 0 1", "5"]);
});
