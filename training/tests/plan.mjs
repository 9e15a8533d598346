// Plans of a method for given class attention and keys: {method, options, attention, keys, side} -> {kept, weights}
import { text } from "node:stream/consumers";
import { createReducer, densePlan } from "../../dist/reduce/index.js";

const { method, options, attention, keys, side } = JSON.parse(await text(process.stdin));
const matrix = (rows) => ({ rows: rows.length, columns: rows[0].length, data: Float32Array.from(rows.flat()) });
const found = attention.map((values, picture) => {
  const patches = matrix(values.map((_, patch) => [patch]));
  const plan = createReducer(method, options).plan({
    grid: { rows: side, columns: side },
    patches,
    keys: matrix(keys[picture]),
    queries: matrix([keys[picture][0]]),
    classToken: true,
    heads: 1,
    classAttention: Float32Array.from(values),
  });
  return Array.from(densePlan(plan).data);
});
process.stdout.write(JSON.stringify(found));
