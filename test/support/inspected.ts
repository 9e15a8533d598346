import { readFileSync } from "node:fs";
import { pruMergePlus } from "../../src/reduce/methods/prumerge-plus.js";
import type { Signals } from "../../src/reduce/signals.js";
import type { InspectionInput } from "../../src/view/inspection.js";
import { floats, readFixture } from "./safetensors.js";

const goldens = new URL("../fixtures/goldens/prumerge/", import.meta.url);
const name = "f576a-k16-plus-adaptive";
/** What the official program recorded of the case. */
export const recorded = JSON.parse(readFileSync(new URL("manifest.json", goldens), "utf8")).cases.find(
  (each: { name: string }) => each.name === name,
).expected;
const inputs = readFixture(new URL("f576a.inputs.safetensors", goldens));
/** [576], recorded. */
export const classAttention = floats(
  readFixture(new URL("f576a.expected.safetensors", goldens)),
  `${name}.attn`,
);

const matrix = (tensor: string) => {
  const [rows, columns] = inputs.get(tensor)!.shape.slice(-2);
  return { rows, columns, data: floats(inputs, tensor) };
};
/** What the reducer gets in the case. */
export const signals: Signals = {
  grid: { rows: 24, columns: 24 },
  patches: matrix("x"),
  keys: matrix("k"),
  queries: { rows: 1, columns: matrix("x").columns, data: floats(inputs, "q_cls.k16") },
  classToken: true,
  heads: 4,
};
const reducer = pruMergePlus();
/** PruMerge+ on it. */
export const plan = reducer.plan(signals);
/** A white picture. */
export const white = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(255),
});
/** A white picture inspected, with a name that tries to break out of every file format. */
export const inspectionInput: InspectionInput = {
  picture: white(336, 336),
  name: `<b>"cat" & dog</b></script>`,
  view: { x: 0, y: 0, width: 336, height: 336 },
  grid: signals.grid,
  plan,
  classAttention,
  method: reducer.method,
  options: reducer.options,
  statistics: { visualTokens: 65, unreducedTokens: 576, encodeMilliseconds: 31.4 },
};
/** The recorded kept patches. */
export const isKept = new Set<number>(recorded.kept_indices[0]);
