import { expect, test } from "vitest";
import { checkSignals } from "./check-signals.js";
import { insideSignals } from "./inside-signals.js";
import { pruMerge } from "./methods/prumerge.js";
import { uniformSampling } from "./methods/uniform.js";
import { isOneHot, oneHotRows } from "./one-hot.js";
import { earlierLayer, gatherSignals, lastLayer } from "./signals.js";

const matrix = (rows: number) => ({ rows, columns: 2, data: new Float32Array(rows * 2).fill(1) });
const others = { grid: { rows: 2, columns: 2 }, patches: matrix(4), classToken: true, heads: 1 };
const last = { keys: matrix(5), queries: matrix(1) };

test("signals of a layer that was not asked for are refused by name, and not missed by who needs none", () => {
  const signals = gatherSignals(others, undefined);
  expect(() => checkSignals(signals)).not.toThrow();
  expect([...uniformSampling({ tokens: 4 }).plan(signals).keptPatches]).toEqual([0, 1, 2, 3]);
  expect(() => signals.keys).toThrow(/keys: a reducer reads what it did not ask for/);
  expect(() => signals.queries).toThrow(
    expect.objectContaining({
      code: "INVALID_TENSOR",
      message: expect.stringMatching(/^queries: .*did not ask for/),
    }),
  );
  expect(() => pruMerge().plan(signals)).toThrow(/need: \{ layers: \[-1\] \}/);
  expect(lastLayer(signals)).toBeUndefined();
});

test("signals of a layer that was asked for are all there", () => {
  const signals = gatherSignals(others, last);
  expect(signals).toEqual({ ...others, ...last });
  expect(lastLayer(signals)).toEqual(last);
  const attention = new Float32Array(4);
  expect(lastLayer({ ...signals, classAttention: attention })).toEqual({
    ...last,
    classAttention: attention,
  });
});

test("a layer before the last is there where it was asked for, whole or without padding", () => {
  const data = Float32Array.from({ length: 10 }, (_, i) => i);
  const layer = { keys: { rows: 5, columns: 2, data }, queries: { rows: 5, columns: 2, data } };
  const signals = gatherSignals({ ...others, layers: { [-2]: layer }, classFeatures: matrix(1) }, last);
  expect(() => checkSignals(signals)).not.toThrow();
  expect(earlierLayer(signals, -2)).toEqual(layer);
  expect(() => earlierLayer(signals, -3)).toThrow(/layers\[-3\]: .*need: \{ layers: \[-3\] \}/);
  const rectangle = { x: 0, y: 0, width: 1, height: 1 };
  const inside = { top: 1, left: 0, rows: 1, columns: 2 };
  const cut = insideSignals(signals, { first: 0, rows: 2, columns: 2, rectangle, frame: 0, inside });
  expect([...earlierLayer(cut, -2).keys.data]).toEqual([0, 1, 6, 7, 8, 9]); // the class token, and the lower row
  expect([...earlierLayer(cut, -2).queries.data]).toEqual([0, 1, 6, 7, 8, 9]);
  expect(cut.classFeatures).toBe(signals.classFeatures);
  const towerWithout = { ...signals, classToken: false };
  expect(() => checkSignals({ ...towerWithout, keys: matrix(4), queries: matrix(4) })).toThrow(
    /layers\[-2\]\.keys: .*expected \[4, 2\]/,
  );
  expect(() => checkSignals({ ...signals, classFeatures: matrix(2) })).toThrow(/classFeatures/);
});

test("rows after the projector are checked like the others", () => {
  const signals = gatherSignals({ ...others, projected: matrix(3) }, last);
  expect(() => checkSignals(signals)).toThrow(/projected: .*expected \[4, 2\]/);
});

test("a plan that hands patches on is told from one that merges", () => {
  const plan = oneHotRows(4, Int32Array.of(3, 0));
  expect(isOneHot(plan)).toBe(true);
  expect(isOneHot({ ...plan, weights: Float32Array.of(1, 0.5) })).toBe(false);
  expect(isOneHot({ ...plan, columns: Int32Array.of(3, 4) })).toBe(false); // the class token
  expect(isOneHot({ ...plan, offsets: Int32Array.of(0, 2, 2) })).toBe(false);
  expect(isOneHot({ ...plan, offsets: Int32Array.of(0, 0, 2), keptPatches: Int32Array.of(-1, 0) })).toBe(
    false,
  );
});
